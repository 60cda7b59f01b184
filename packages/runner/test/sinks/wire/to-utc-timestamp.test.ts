import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { expect, test } from "vitest";
import { toUtcTimestamp } from "../../../src/sinks/wire/to-utc-timestamp.ts";

test.each([
  ["2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000Z"],
  ["2024-01-31T23:30-0200", "2024-02-01T01:30:00.000Z"],
  ["2024-12-31T23:59:59.5+05:30", "2024-12-31T18:29:59.500Z"],
  ["2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999Z"],
  ["2017-01-01T00:59:60.25+0100", "2016-12-31T23:59:59.999Z"],
  ["0100-01-01T00:00:00Z", "0100-01-01T00:00:00.000Z"],
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
  "2024-01-31T12:00:60Z",
  "2024-01-31T12:00:61Z",
  "0000-01-01T00:00:00Z",
  "0001-01-01T00:00:00Z",
  "0100-01-01T00:00:00+00:01",
  "12:00:00Z",
])("%s is no time", (text) => {
  expect(toUtcTimestamp(text)).toBeUndefined();
});

test("a time as Date writes it is taken exactly where Date reads it as the same", () => {
  const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
  const random = seededRandom(seed);
  const upTo = (most: number, width = 2) => String(Math.floor(random() * (most + 1))).padStart(width, "0");
  for (let count = 0; count < 20_000; count += 1) {
    const year = random() < 0.5 ? `${upTo(99)}00` : upTo(9_999, 4);
    // Neither a leap second, which Date does not read, nor 24:00:00, which it reads as the next day.
    const second = 1 + Math.floor(random() * 59);
    const text = `${year}-${upTo(13)}-${upTo(32)}T${upTo(24)}:${upTo(60)}:${String(second).padStart(2, "0")}.${upTo(999, 3)}Z`;
    const time = new Date(text);
    const isSame = Number(year) >= 100 && !Number.isNaN(time.getTime()) && time.toISOString() === text;
    expect(toUtcTimestamp(text), `seed ${seed}`).toBe(isSame ? text : undefined);
  }
});
