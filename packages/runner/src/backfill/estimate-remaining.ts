import type { Episode } from "@statewave-connectors/connector-sdk";
import type { ReadingProgress } from "@statewave-connectors/connector-sdk/host";
import { type Remaining, remainingAt } from "../progress/remaining.ts";
import type { BackfillJob, BackfillPlace, ItemsLeft } from "./backfill-job.ts";

/**
 * Estimates from the number of expected episodes, or else from the provider's own count, or else from where in the range the latest episodes
 * lie. Undefined while none of them says anything, and from time for a source that is read part after part. Pure.
 */
export function estimateRemaining(job: EstimatedJob, nowMs: number): Remaining | undefined {
  const { expected, counts, activeMs, place, itemsLeft } = job;
  if (expected !== undefined) return remainingAt(counts.episodes / expected, activeMs, "count");
  if (itemsLeft !== undefined && itemsLeft.atStart > 0)
    return remainingAt((itemsLeft.atStart - itemsLeft.now) / itemsLeft.atStart, activeMs, "count");
  return remainingAt(fractionOfTime(job, place, nowMs), activeMs, "time");
}

export type EstimatedJob = Pick<BackfillJob, "since" | "until" | "expected" | "counts" | "activeMs" | "place" | "itemsLeft">;

/** What is left behind a page. A page without a count changes nothing. A count above the first becomes the new start. */
export function itemsLeftAfter(before: ItemsLeft | undefined, progress: ReadingProgress | undefined): ItemsLeft | undefined {
  const now = progress?.itemsLeft;
  if (typeof now !== "number" || !(now >= 0)) return before;
  return { atStart: Math.max(before?.atStart ?? now, now), now };
}

function fractionOfTime({ since, until }: EstimatedJob, place: BackfillPlace | undefined, nowMs: number): number | undefined {
  if (place === undefined || place.isInParts) return undefined;
  const { firstMs, lowMs, highMs } = place;
  const isAscending = highMs - firstMs >= firstMs - lowMs;
  const [coveredMs, allMs] = isAscending
    ? [highMs - firstMs, Math.min(Date.parse(until), nowMs) - firstMs]
    : [firstMs - lowMs, firstMs - Date.parse(since)];
  return allMs > 0 ? coveredMs / allMs : undefined;
}

/** A reading that falls back by so much of what it has covered began with another part. */
const fallBack = 0.5;

/** The place behind a page. Pages without a readable time change nothing. */
export function placeAfter(place: BackfillPlace | undefined, episodes: readonly Episode[]): BackfillPlace | undefined {
  const times = episodes.map(({ occurred_at: at }) => Date.parse(at)).filter((ms) => !Number.isNaN(ms));
  const [first] = times;
  if (first === undefined) return place;
  const low = times.reduce((least, ms) => Math.min(least, ms), first);
  const high = times.reduce((most, ms) => Math.max(most, ms), first);
  const lastMs = times.reduce((sum, ms) => sum + ms, 0) / times.length;
  if (place === undefined) return { firstMs: first, lowMs: low, highMs: high, lastMs, isInParts: false };
  const { firstMs, lowMs, highMs, isInParts } = place;
  const isAscending = highMs - firstMs >= firstMs - lowMs;
  const back = isAscending ? highMs - lastMs : lastMs - lowMs;
  const covered = isAscending ? highMs - firstMs : firstMs - lowMs;
  return {
    firstMs,
    lowMs: Math.min(lowMs, low),
    highMs: Math.max(highMs, high),
    lastMs,
    isInParts: isInParts || (covered > 0 && back > fallBack * covered && back > high - low),
  };
}
