import { createHash } from "node:crypto";
import { parseSourceKey, formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { type KeptText, parseKeptText } from "../records/text-records.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";

/**
 * `open`: a process reads it, or resumes it as soon as it can. `stopped`: an operator interrupted the command that read it. `failed`: an
 * error ended it that no further attempt fixes. `stopped` and `failed` resume with the same command.
 */
export type BackfillStatus = "open" | "stopped" | "failed" | "cancelled" | "done";

/** What was read of a range, and what became of it. */
export interface BackfillCounts {
  readonly pages: number;
  readonly episodes: number;
  readonly delivered: number;
  /** Episodes that are dead letters. */
  readonly buried: number;
  readonly skipped: number;
  /** Items that could not be mapped, and are dead letters. */
  readonly failed: number;
}

export const noCounts: BackfillCounts = { pages: 0, episodes: 0, delivered: 0, buried: 0, skipped: 0, failed: 0 };

/** Where in time the reading has been: the first episode, the extremes, and the page before this moment. Epoch milliseconds. */
export interface BackfillPlace {
  readonly firstMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly lastMs: number;
  /** Whether the reading came back to a time that it had passed: it reads part after part. */
  readonly isInParts: boolean;
}

/** How many items the provider counted behind the first page that had a count, and behind the latest. */
export interface ItemsLeft {
  readonly atStart: number;
  readonly now: number;
}

export interface BackfillError {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** A backfill as it is stored. */
export interface BackfillJob {
  readonly id: string;
  readonly source: SourceKey;
  /** ISO 8601. */
  readonly since: string;
  readonly until: string;
  readonly stream?: string | undefined;
  /** Episodes a second, at most. */
  readonly perSecond?: number | undefined;
  /** How many episodes the operator expects. */
  readonly expected?: number | undefined;
  /** What is behind its cursor was delivered there. */
  readonly sink: SinkIdentity;
  readonly status: BackfillStatus;
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
  /** How long processes have worked on it. */
  readonly activeMs: number;
  readonly counts: BackfillCounts;
  readonly place?: BackfillPlace | undefined;
  /** Absent: its connector reports no count. */
  readonly itemsLeft?: ItemsLeft | undefined;
  readonly cursor?: KeptText | undefined;
  readonly error?: BackfillError | undefined;
}

/** Whether the same command resumes it. */
export function isResumable({ status }: Pick<BackfillJob, "status">): boolean {
  return status === "open" || status === "stopped" || status === "failed";
}

/** The same source, stream and range, as the operator wrote it, have the same id: 10 hexadecimal digits. */
export function backfillId(source: SourceKey, rangeText: string, stream: string | undefined): string {
  const named = JSON.stringify([formatSourceKey(source), rangeText, stream ?? null]);
  return createHash("sha256").update(named).digest("hex").slice(0, 10);
}

/** Without its id, which is the key of the record. */
export function formatJob(job: BackfillJob): string {
  return JSON.stringify({ ...job, id: undefined, source: formatSourceKey(job.source) });
}

const statuses: readonly BackfillStatus[] = ["open", "stopped", "failed", "cancelled", "done"];

/** Undefined for a record that was not written here. */
export function parseJob(id: string, text: string): BackfillJob | undefined {
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const { since, until, sink, startedAtMs, updatedAtMs, activeMs } = value;
  const source = typeof value["source"] === "string" ? parseSourceKey(value["source"]) : undefined;
  const status = statuses.find((known) => known === value["status"]);
  const counts = toCounts(value["counts"]);
  const isWhole =
    typeof since === "string" &&
    typeof until === "string" &&
    isIdentity(sink) &&
    isNumber(startedAtMs) &&
    isNumber(updatedAtMs) &&
    isNumber(activeMs);
  if (!isWhole || source === undefined || status === undefined || counts === undefined) return undefined;
  return {
    id,
    source,
    since,
    until,
    sink,
    status,
    startedAtMs,
    updatedAtMs,
    activeMs,
    counts,
    stream: typeof value["stream"] === "string" ? value["stream"] : undefined,
    perSecond: positive(value["perSecond"]),
    expected: positive(value["expected"]),
    place: toPlace(value["place"]),
    itemsLeft: toItemsLeft(value["itemsLeft"]),
    cursor: parseKeptText(value["cursor"]),
    error: toBackfillError(value["error"]),
  };
}

function toCounts(value: unknown): BackfillCounts | undefined {
  if (!isObject(value)) return undefined;
  const [pages, episodes, delivered, buried, skipped, failed] = (
    ["pages", "episodes", "delivered", "buried", "skipped", "failed"] as const
  ).map((name) => Number(value[name]));
  const counts = { pages, episodes, delivered, buried, skipped, failed };
  return Object.values(counts).every(isNumber) ? (counts as BackfillCounts) : undefined;
}

function toPlace(value: unknown): BackfillPlace | undefined {
  if (!isObject(value)) return undefined;
  const { firstMs, lowMs, highMs, lastMs, isInParts } = value;
  if (!isNumber(firstMs) || !isNumber(lowMs) || !isNumber(highMs) || !isNumber(lastMs)) return undefined;
  return { firstMs, lowMs, highMs, lastMs, isInParts: isInParts === true };
}

function toItemsLeft(value: unknown): ItemsLeft | undefined {
  if (!isObject(value)) return undefined;
  const { atStart, now } = value;
  return isNumber(atStart) && isNumber(now) ? { atStart, now } : undefined;
}

function toBackfillError(value: unknown): BackfillError | undefined {
  if (!isObject(value)) return undefined;
  const { code, message, hint } = value;
  if (typeof code !== "string" || typeof message !== "string") return undefined;
  return { code, message, ...(typeof hint === "string" ? { hint } : {}) };
}

function isIdentity(value: unknown): value is SinkIdentity {
  return isObject(value) && typeof value["fingerprint"] === "string" && typeof value["label"] === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function positive(value: unknown): number | undefined {
  return isNumber(value) && value > 0 ? value : undefined;
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
