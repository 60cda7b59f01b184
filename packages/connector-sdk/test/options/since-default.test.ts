import { expect, test } from "vitest";
import * as v from "valibot";
import { firstSyncSinceMs, parseSinceDefault, sinceDefault } from "../../src/options/index.ts";

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

test.each<[string | Date, RegExp]>([
  ["2025-02-30", /a day that the calendar does not have/],
  ["2023-02-29T00:00:00Z", /a day that the calendar does not have/],
  ["2024-04-31T09:00:00+02:00", /a day that the calendar does not have/],
  ["2024-00-10", /a day that the calendar does not have/],
  ["0000-13-01", /a day that the calendar does not have/],
  ["2024-01-31T09:00:00", /without an offset/],
  ["2024-01-31 09:00", /without an offset/],
  ["09:00:00", /a time of day without a date/],
  ["09:00", /a time of day without a date/],
  ["999999d", /more than a century \(36525d\)/],
  ["36526d", /more than a century \(36525d\)/],
  ["99999999999h", /more than a century \(36525d\)/],
  ["0000-01-01", /before 1970/],
  ["1969-12-31T23:59:59Z", /before 1970/],
  [new Date("1900-01-01"), /before 1970/],
  ["2024-01-31T25:00:00Z", /^since_default is an ISO date/],
  ["2024-01-31T09:00:00+25:00", /^since_default is an ISO date/],
  ["next week", /^since_default is an ISO date/],
  ["-5d", /^since_default is an ISO date/],
])("the option refuses %j with its reason alone", (value, reason) => {
  const result = v.safeParse(sinceDefault(), value);
  expect(result.issues?.map(({ message }) => message)).toEqual([expect.stringMatching(reason)]);
});

test.each(["36525d", "0d", "1970-01-01", "2024-02-29", "2024-01-31 09:00:00Z", "2024-01-31T09:00:00.123+05:30"])(
  "%s is read",
  (value) => {
    expect(v.safeParse(sinceDefault(), value).success).toBe(true);
  },
);
