import type { ReadingProgress } from "@statewave-connectors/connector-sdk/host";
import { isInstant } from "../records/is-instant.ts";
import { type Remaining, remainingAt } from "./remaining.ts";

/** How far the runs that together read a source to its end have come. JSON, for a record. */
export interface SourceReading {
  readonly by: Remaining["by"];
  /** Items, or milliseconds of the source's time. */
  readonly leftAtStart: number;
  readonly left: number;
  /** How long it has taken, with the pauses that a provider wanted. */
  readonly activeMs: number;
  readonly updatedAtMs: number;
}

/** A longer pause comes from a stopped runner or from an operator, and says nothing about the pace. */
const longestPauseMs = 60 * 60_000;

/** The reading behind a page. One that falls back to where it began, or behind it, was reset: it begins anew. Pure. */
export function readingAfter(
  before: SourceReading | undefined,
  progress: ReadingProgress,
  nowMs: number,
): SourceReading | undefined {
  const measured = measure(progress, nowMs);
  // A provider that counts may leave the count out of some pages.
  if (measured === undefined || (before?.by === "count" && measured.by === "time")) return before;
  const begun = { ...measured, leftAtStart: measured.left, activeMs: 0, updatedAtMs: nowMs };
  return before === undefined ? begun : continued(before, begun);
}

/** A reading that was stored, and what this process has read since: of another process's the pace so far is kept. Pure. */
export function continued(stored: SourceReading, since: SourceReading): SourceReading {
  const { by, leftAtStart, left, activeMs, updatedAtMs } = since;
  const wasReset = leftAtStart >= stored.leftAtStart && leftAtStart > stored.left;
  if (stored.by !== by || wasReset) return since;
  const pauseMs = Math.min(Math.max(0, updatedAtMs - activeMs - stored.updatedAtMs), longestPauseMs);
  return { by, leftAtStart: stored.leftAtStart, left, activeMs: stored.activeMs + pauseMs + activeMs, updatedAtMs };
}

/** Undefined while it says nothing about the rest. */
export function remainingOf({ by, leftAtStart, left, activeMs }: SourceReading): Remaining | undefined {
  return leftAtStart === 0 ? undefined : remainingAt((leftAtStart - left) / leftAtStart, activeMs, by);
}

/** A connector may be plain JavaScript: what is no number and no time says nothing. */
function measure({ itemsLeft, readTo }: ReadingProgress, nowMs: number): Pick<SourceReading, "by" | "left"> | undefined {
  if (isAmount(itemsLeft)) return { by: "count", left: itemsLeft };
  const atMs = typeof readTo === "string" ? Date.parse(readTo) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : { by: "time", left: Math.max(0, nowMs - atMs) };
}

/** Undefined for a value that this release cannot read. */
export function parseReading(text: string): SourceReading | undefined {
  try {
    const value = JSON.parse(text) as { readonly [Name in keyof SourceReading]?: unknown } | null;
    const { by, leftAtStart, left, activeMs, updatedAtMs } = value ?? {};
    const isReading =
      (by === "count" || by === "time") && [leftAtStart, left, activeMs].every(isAmount) && isInstant(updatedAtMs);
    return isReading ? ({ by, leftAtStart, left, activeMs, updatedAtMs } as SourceReading) : undefined;
  } catch {
    return undefined;
  }
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
