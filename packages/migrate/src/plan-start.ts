/** A range that is read again beside the live cursor. ISO 8601. */
export interface RereadRange {
  readonly since: string;
  readonly until: string;
}

/** Where a source begins: at its beginning, or at a moment with, perhaps, a range before it that is read again. */
export type StartPoint =
  | { readonly type: "beginning" }
  | { readonly type: "moment"; readonly since: string; readonly reread?: RereadRange };

export interface StartFacts {
  /** When the earlier runner last wrote a cursor of the source, where that is known. */
  readonly storedAtMs: number | undefined;
  /** From when on the operator wants what it may have lost. */
  readonly sinceMs: number | undefined;
  readonly canSeed: boolean;
  readonly readsRanges: boolean;
  readonly nowMs: number;
}

const dayMs = 24 * 60 * 60_000;
/** That runner wrote a cursor after a run, and lost what failed in it. */
const overlapMs = dayMs;
const rereadMs = 30 * dayMs;

/**
 * Cursors of the earlier runner are not carried on, because it stored them past episodes that were not delivered. A source begins
 * a day before its cursor was written instead, and what lies before that is read again beside it.
 */
export function planStart({ storedAtMs, sinceMs, canSeed, readsRanges, nowMs }: StartFacts): StartPoint {
  if (!canSeed || (storedAtMs === undefined && sinceMs === undefined)) return { type: "beginning" };
  const liveMs = Math.min(storedAtMs ?? sinceMs ?? nowMs, nowMs) - (storedAtMs === undefined ? 0 : overlapMs);
  const fromMs = Math.max(0, Math.min(sinceMs ?? liveMs - rereadMs, nowMs));
  const isWhole = fromMs >= liveMs;
  if (isWhole || !readsRanges) return { type: "moment", since: toIso(Math.min(fromMs, liveMs)) };
  return { type: "moment", since: toIso(liveMs), reread: { since: toIso(fromMs), until: toIso(liveMs) } };
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
