/** How much is done, and how long the rest takes at the pace so far. */
export interface Remaining {
  /** From 0 to 1. */
  readonly fraction: number;
  readonly remainingMs: number;
  /** What it was derived from. */
  readonly by: "count" | "time";
}

/** Less than this says nothing about the rest. */
const leastFraction = 0.005;

/** Undefined while the fraction is unknown, too small to say anything, or above 1: then what it was derived from was wrong. */
export function remainingAt(fraction: number | undefined, activeMs: number, by: Remaining["by"]): Remaining | undefined {
  if (fraction === undefined || !(fraction >= leastFraction && fraction <= 1)) return undefined;
  return { fraction, remainingMs: Math.round((activeMs * (1 - fraction)) / fraction), by };
}
