import { describe, expect, test } from "vitest";
import { continued, parseReading, type SourceReading, readingAfter, remainingOf } from "../../src/progress/reading.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const startMs = Date.parse("2026-03-01T00:00:00Z");
const iso = (ms: number) => new Date(ms).toISOString();

/** The reading behind pages that were read a minute after each other. */
function readingOf(pages: readonly Parameters<typeof readingAfter>[1][], before?: SourceReading): SourceReading | undefined {
  return pages.reduce<SourceReading | undefined>(
    (reading, page, at) => readingAfter(reading, page, startMs + at * minuteMs),
    before,
  );
}

const left = (...counts: readonly number[]) => counts.map((itemsLeft) => ({ itemsLeft }));

describe("an estimate", () => {
  test("follows the provider's count at the pace so far", () => {
    const reading = readingOf(left(1_000, 900, 750));
    expect(reading && remainingOf(reading)).toEqual({ fraction: 0.25, remainingMs: 6 * minuteMs, by: "count" });
  });

  test("follows the time of the last change that was read where nothing is counted", () => {
    const reading = readingOf([startMs - 1_000 * hourMs, startMs - 500 * hourMs].map((ms) => ({ readTo: iso(ms) })));
    const remaining = reading && remainingOf(reading);
    expect(remaining?.by).toBe("time");
    expect(remaining?.fraction).toBeCloseTo(0.5, 3);
    expect(remaining?.remainingMs).toBeCloseTo(minuteMs, -3);
  });

  test("says nothing while nothing, or next to nothing, was read", () => {
    for (const counts of [left(1_000), left(1_000, 999), left(0)]) {
      const reading = readingOf(counts);
      expect(reading && remainingOf(reading)).toBeUndefined();
    }
  });

  test("is not changed by a page without a count, or with what is none", () => {
    const reading = readingOf(left(1_000, 500));
    const pages = [{ readTo: iso(startMs) }, {}, { itemsLeft: Number.NaN }, { itemsLeft: "many" as never }, { readTo: "soon" }];
    for (const page of pages) expect(readingAfter(reading, page, startMs + hourMs)).toBe(reading);
  });
});

test("a reading with more left than it began with begins anew", () => {
  expect(readingOf(left(1_000, 10, 5_000))).toMatchObject({ leftAtStart: 5_000, left: 5_000, activeMs: 0 });
});

test("a reading that falls back to where it began begins anew, and one that has not moved yet does not", () => {
  expect(readingOf(left(59, 30, 59, 58))).toMatchObject({ leftAtStart: 59, left: 58, activeMs: minuteMs });
  expect(readingOf(left(59, 59, 58))).toMatchObject({ leftAtStart: 59, left: 58, activeMs: 2 * minuteMs });
});

test("the pauses of a provider count, and longer ones as an hour", () => {
  const begun = readingAfter(undefined, { itemsLeft: 100 }, startMs);
  const afterLimit = readingAfter(begun, { itemsLeft: 90 }, startMs + 20 * minuteMs);
  expect(afterLimit?.activeMs).toBe(20 * minuteMs);
  expect(readingAfter(afterLimit, { itemsLeft: 80 }, startMs + 48 * hourMs)?.activeMs).toBe(20 * minuteMs + hourMs);
  // A clock that was set back.
  expect(readingAfter(afterLimit, { itemsLeft: 80 }, startMs)?.activeMs).toBe(20 * minuteMs);
});

test("another process continues the pace of the one before it", () => {
  const stored = readingOf(left(1_000, 800));
  const since = {
    by: "count",
    leftAtStart: 790,
    left: 500,
    activeMs: 2 * minuteMs,
    updatedAtMs: startMs + 4 * minuteMs,
  } as const;
  const joined = stored && continued(stored, since);
  expect(joined).toMatchObject({ leftAtStart: 1_000, left: 500, activeMs: 4 * minuteMs });
  expect(joined && remainingOf(joined)?.fraction).toBe(0.5);
});

test("what another release wrote is no reading", () => {
  const reading = readingOf(left(1_000, 500));
  expect(parseReading(JSON.stringify(reading))).toEqual(reading);
  for (const text of [
    "",
    "null",
    "[]",
    "{}",
    JSON.stringify({ ...reading, left: -1 }),
    JSON.stringify({ ...reading, by: "luck" }),
  ])
    expect(parseReading(text)).toBeUndefined();
});
