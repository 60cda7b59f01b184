import { expect, test } from "vitest";
import { toUtcTimestamp } from "../../src/delivery/to-utc-timestamp.ts";

test.each([
  ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z"],
  ["2024-01-31T23:30-0200", "2024-02-01T01:30:00.000Z"],
  ["2024-12-31T23:59:59.5+05:30", "2024-12-31T18:29:59.500Z"],
])("%s is %s", (text, expected) => {
  expect(toUtcTimestamp(text)).toBe(expected);
});

test.each([
  "2025-02-30T00:00:00Z",
  "2023-02-29T12:00:00+02:00",
  "2024-04-31T12:00:00Z",
  "2024-13-01T12:00:00Z",
  "2024-00-10T12:00:00Z",
  "2024-01-32T12:00:00Z",
  "2024-01-31T25:00:00Z",
  "2024-01-31T12:60:00Z",
  "2024-01-31T12:00:00",
  "2024-01-31",
  "0000-01-01T00:00:00Z",
  "12:00:00Z",
])("%s is no time", (text) => {
  expect(toUtcTimestamp(text)).toBeUndefined();
});
