import type { Episode } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { noCounts, type BackfillPlace } from "../../src/backfill/backfill-job.ts";
import { estimateRemaining, itemsLeftAfter, placeAfter } from "../../src/backfill/estimate-remaining.ts";
import { itemAt } from "./backfill-world.ts";

const job = {
  since: "2025-01-01T00:00:00Z",
  until: "2025-01-11T00:00:00Z",
  expected: undefined,
  counts: noCounts,
  activeMs: 1_000,
};
const nowMs = Date.UTC(2026, 0, 1);

function placeOf(...pages: readonly (readonly Episode[])[]): BackfillPlace | undefined {
  return pages.reduce<BackfillPlace | undefined>(placeAfter, undefined);
}

const hours = (first: number, end: number, step = 1) =>
  Array.from({ length: Math.abs(end - first) }, (_, index) => itemAt(first + index * step));

test("the part that is read is derived from the time of the episodes, in either direction", () => {
  const rising = placeOf(hours(0, 24), hours(24, 48));
  expect(estimateRemaining({ ...job, place: rising }, nowMs)?.fraction).toBeCloseTo(0.2, 1);
  const falling = placeOf(hours(239, 215, -1), hours(215, 191, -1));
  expect(estimateRemaining({ ...job, place: falling }, nowMs)?.fraction).toBeCloseTo(0.2, 1);
});

test("a range whose beginning is empty counts from its first episode", () => {
  const place = placeOf(hours(120, 144), hours(144, 168), hours(168, 180));
  expect(estimateRemaining({ ...job, place }, nowMs)?.fraction).toBeCloseTo(0.5, 1);
});

test("nothing is estimated from time for a source that is read part after part", () => {
  const place = placeOf(hours(0, 120), hours(120, 239), hours(0, 24));
  expect(place?.isInParts).toBe(true);
  expect(estimateRemaining({ ...job, place }, nowMs)).toBeUndefined();
  const known = { ...job, place, expected: 1_000, counts: { ...noCounts, episodes: 250 } };
  expect(estimateRemaining(known, nowMs)).toEqual({ fraction: 0.25, remainingMs: 3_000, by: "count" });
});

test("an expected number that is exceeded estimates nothing", () => {
  expect(estimateRemaining({ ...job, expected: 10, counts: { ...noCounts, episodes: 11 } }, nowMs)).toBeUndefined();
});

test("times that cannot be read change nothing", () => {
  expect(placeAfter(undefined, [{ ...itemAt(1), occurred_at: "yesterday" }])).toBeUndefined();
});

test("the provider's own count goes before the time of the episodes, and behind what the operator expects", () => {
  const left = [{ itemsLeft: 800 }, undefined, { readTo: "2025-01-02T00:00:00Z" }, { itemsLeft: 600 }].reduce(
    itemsLeftAfter,
    undefined,
  );
  expect(left).toEqual({ atStart: 800, now: 600 });
  const counted = { ...job, place: placeOf(hours(0, 24), hours(24, 48)), itemsLeft: left };
  expect(estimateRemaining(counted, nowMs)).toEqual({ fraction: 0.25, remainingMs: 3_000, by: "count" });
  const expecting = { ...counted, expected: 100, counts: { ...noCounts, episodes: 50 } };
  expect(estimateRemaining(expecting, nowMs)?.fraction).toBe(0.5);
});

test("a count that grows begins anew, and what is none changes nothing", () => {
  expect(itemsLeftAfter({ atStart: 100, now: 20 }, { itemsLeft: 300 })).toEqual({ atStart: 300, now: 300 });
  for (const itemsLeft of [-1, Number.NaN, "many" as never])
    expect(itemsLeftAfter({ atStart: 100, now: 20 }, { itemsLeft })).toEqual({ atStart: 100, now: 20 });
});
