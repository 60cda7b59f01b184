import * as v from "valibot";
import { formatDuration, parseDurationMs } from "./quantities.ts";

/** The bounds of a duration, in milliseconds. */
export interface DurationOptions {
  /** Default 1: longer than nothing. */
  readonly leastMs?: number;
  /** Default a year of 366 days: beyond that a duration is a slip of the unit. */
  readonly mostMs?: number;
}

const yearMs = 366 * 24 * 60 * 60 * 1000;

/** A duration such as `"25s"`, `"5m"` or `"24h"`: the connector gets milliseconds. */
export function duration({ leastMs = 1, mostMs = yearMs }: DurationOptions = {}) {
  const most = mostMs === yearMs ? "a year" : formatDuration(mostMs);
  const message = `expected a duration such as "25s", "5m" or "24h"${least(leastMs)} and at most ${most}`;
  const isWithin = (ms: number | undefined) => ms !== undefined && ms >= leastMs && ms <= mostMs;
  return v.pipe(
    v.string(),
    v.check((text) => isWithin(parseDurationMs(text)), message),
    v.transform((text) => parseDurationMs(text) ?? 0),
    v.metadata({ type: "duration" }),
  );
}

function least(ms: number): string {
  if (ms === 0) return "";
  return ms === 1 ? ", longer than nothing" : `, at least ${formatDuration(ms)}`;
}
