import { createHash } from "node:crypto";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";

/** The scope of the results of renewals; the keys are `kind/name`. */
export const renewalScope = "watches";

/** The last renewal of a source that succeeded. Times are epoch milliseconds on the clock of the process that made it. */
export interface RenewedWatch {
  readonly renewedAtMs: number;
  readonly expiresAtMs: number;
  readonly warnBeforeMs: number;
  readonly dueAtMs: number;
}

/** Renewals that failed since the last one that succeeded. */
export interface FailingRenewal {
  readonly sinceMs: number;
  readonly failures: number;
  readonly retryAtMs: number;
  readonly isPassing: boolean;
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What is remembered of the renewals of one source. */
export interface RenewalRecord {
  /** A hash of the entry's options: with others the provider keeps something else. */
  readonly options: string;
  readonly renewed?: RenewedWatch | undefined;
  readonly failing?: FailingRenewal | undefined;
}

export function renewalKey(source: SourceKey): string {
  return formatSourceKey(source);
}

/** A hash of an entry's options, in which secrets are `***`. Options that are no JSON, such as cycles, have one hash together. */
export function optionsHash(options: unknown): string {
  let text = "";
  try {
    text = JSON.stringify(options) ?? "";
  } catch {
    // A change of them renews nothing before its time.
  }
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** As it is stored. */
export function formatRenewal(record: RenewalRecord): string {
  return JSON.stringify({ v: 1, ...record });
}

/** Undefined for what is no such record. */
export function parseRenewal(text: string): RenewalRecord | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) && parsed["v"] === 1 && isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(parsed: object): parsed is RenewalRecord {
  const { options, renewed, failing } = parsed as Readonly<Record<string, unknown>>;
  if (typeof options !== "string") return false;
  const isRenewed = renewed === undefined || (isObject(renewed) && areNumbers(renewed, renewedNumbers));
  const isFailing = failing === undefined || (isObject(failing) && areNumbers(failing, failingNumbers) && hasTexts(failing));
  return isRenewed && isFailing;
}

/** No date is further away: a text could not be made of it. */
const latestMs = 8.64e15;
const renewedNumbers = ["renewedAtMs", "expiresAtMs", "warnBeforeMs", "dueAtMs"];
const failingNumbers = ["sinceMs", "failures", "retryAtMs"];

function areNumbers(object: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  return names.every((name) => {
    const value = object[name];
    return typeof value === "number" && Math.abs(value) <= latestMs;
  });
}

function hasTexts({ code, message, hint }: Readonly<Record<string, unknown>>): boolean {
  return typeof code === "string" && typeof message === "string" && (hint === undefined || typeof hint === "string");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
