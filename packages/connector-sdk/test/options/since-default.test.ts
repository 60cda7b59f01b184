import { expect, test } from "vitest";
import { firstSyncSinceMs, parseSinceDefault } from "../../src/options/index.ts";

const nowMs = Date.UTC(2026, 0, 31);
const since = (value: string | Date) => firstSyncSinceMs(parseSinceDefault(value), nowMs);

test.each<[string | Date, number]>([
  ["2024-01-31", Date.UTC(2024, 0, 31)],
  ["2024-01-31T09:00:00+02:00", Date.UTC(2024, 0, 31, 7)],
  [new Date("2024-01-31"), Date.UTC(2024, 0, 31)],
  ["30d", Date.UTC(2026, 0, 1)],
  ["12h", Date.UTC(2026, 0, 30, 12)],
])("since_default = %j starts the first sync at its moment", (value, ms) => {
  expect(since(value)).toBe(ms);
});

test("a moment to come starts the first sync now", () => {
  expect(since("2030-01-01")).toBe(nowMs);
});

test("without since_default the first sync reads from the beginning", () => {
  expect(firstSyncSinceMs(undefined, nowMs)).toBeUndefined();
});

test.each([
  "yesterday",
  "30",
  "30w",
  "1234567d",
  "2024-13-01",
  "2024-01-31T09:00",
  "2025-02-30",
  "2023-02-29T00:00:00Z",
  "999999d",
  "",
  new Date("never"),
])("since_default = %j is neither a date nor an age", (value) => {
  expect(parseSinceDefault(value)).toBeUndefined();
});
