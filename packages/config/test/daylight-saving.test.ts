import { describe, expect, test } from "vitest";
import { parseSchedule } from "../src/index.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** The dues of a schedule in (from, to], forwards. */
function forwards(text: string, timezone: string, from: string, to: string): readonly number[] {
  const schedule = parseSchedule(text, { timezone, key: "a/b" });
  const dues: number[] = [];
  const end = Date.parse(to);
  for (let due = schedule.nextAfterMs(Date.parse(from)); due !== undefined && due <= end; due = schedule.nextAfterMs(due)) {
    dues.push(due);
  }
  return dues;
}

const shown = (dues: readonly number[]) => dues.map((due) => new Date(due).toISOString().slice(5, 16));

describe("times in named hours are due once each day", () => {
  test.each([
    // The clock jumps from 02:00 to 03:00 at 01:00Z.
    ["30 2,14 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-30T00:00Z", "03-28T13:30 03-29T01:00 03-29T12:30"],
    ["0,30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z", "2026-03-30T01:00Z", "03-29T01:00 03-30T00:00 03-30T00:30"],
    [
      "15 1-4 * * *",
      "Europe/Berlin",
      "2026-03-28T22:00Z",
      "2026-03-29T06:00Z",
      "03-29T00:15 03-29T01:00 03-29T01:15 03-29T02:15",
    ],
    ["*/20 2 29 3 *", "Europe/Berlin", "2026-03-01T00:00Z", "2026-04-01T00:00Z", "03-29T01:00"],
    ["0 */2 * * *", "Europe/Berlin", "2026-03-28T22:30Z", "2026-03-29T04:00Z", "03-28T23:00 03-29T01:00 03-29T02:00 03-29T04:00"],
    ["0 0 2,3 * * *", "Europe/Berlin", "2026-03-28T22:00Z", "2026-03-29T22:00Z", "03-29T01:00"],
    // It is set back from 03:00 to 02:00 at 01:00Z.
    ["30 2,14 * * *", "Europe/Berlin", "2026-10-24T12:00Z", "2026-10-26T00:00Z", "10-24T12:30 10-25T00:30 10-25T13:30"],
    [
      "0,30 2 * * *",
      "Europe/Berlin",
      "2026-10-24T12:00Z",
      "2026-10-26T02:00Z",
      "10-25T00:00 10-25T00:30 10-26T01:00 10-26T01:30",
    ],
    ["0 */2 * * *", "Europe/Berlin", "2026-10-24T22:30Z", "2026-10-25T05:00Z", "10-25T00:00 10-25T03:00 10-25T05:00"],
    ["30 1-3 * * *", "America/New_York", "2026-11-01T00:00Z", "2026-11-01T12:00Z", "11-01T05:30 11-01T07:30 11-01T08:30"],
    ["30 1 * * 0", "America/New_York", "2026-10-31T00:00Z", "2026-11-02T12:00Z", "11-01T05:30"],
    ["30 2 * 3 *", "America/New_York", "2026-03-07T12:00Z", "2026-03-09T12:00Z", "03-08T07:00 03-09T06:30"],
    // Half an hour: from 02:00 to 02:30 at 15:30Z, and back from 02:00 to 01:30 at 15:00Z.
    ["0,15 2,3 * * *", "Australia/Lord_Howe", "2026-10-03T15:00Z", "2026-10-03T17:00Z", "10-03T15:30 10-03T16:00 10-03T16:15"],
    ["45 1,13 * * *", "Australia/Lord_Howe", "2026-04-04T14:00Z", "2026-04-05T14:00Z", "04-04T14:45 04-05T03:15"],
    // At midnight: from 00:00 to 01:00, and back from 24:00 to 23:00.
    ["0 0,12 * * *", "Africa/Cairo", "2026-04-23T12:00Z", "2026-04-24T12:00Z", "04-23T22:00 04-24T09:00"],
    ["30 23,11 * * *", "Africa/Cairo", "2026-10-29T12:00Z", "2026-10-30T12:00Z", "10-29T20:30 10-30T09:30"],
    // A whole day that never was.
    [
      "0 12,13 * * *",
      "Pacific/Apia",
      "2011-12-29T00:00Z",
      "2012-01-01T00:00Z",
      "12-29T22:00 12-29T23:00 12-30T10:00 12-30T22:00 12-30T23:00 12-31T22:00 12-31T23:00",
    ],
  ])("%s in %s after %s", (text, timezone, from, to, expected) => {
    expect(shown(forwards(text, timezone, from, to))).toEqual(expected.split(" "));
  });
});

/** Two days around each change of the clock in 2026: in the north, in the south, by half an hour, at midnight, downwards in winter. */
const changes: readonly (readonly [string, string])[] = [
  ["Europe/Berlin", "2026-03-29"],
  ["Europe/Berlin", "2026-10-25"],
  ["Europe/Dublin", "2026-10-25"],
  ["America/New_York", "2026-03-08"],
  ["America/New_York", "2026-11-01"],
  ["America/Santiago", "2026-09-06"],
  ["Asia/Beirut", "2026-03-29"],
  ["Africa/Cairo", "2026-10-30"],
  ["Australia/Lord_Howe", "2026-04-05"],
  ["Australia/Lord_Howe", "2026-10-04"],
  ["Africa/Casablanca", "2026-02-15"],
  ["Asia/Kathmandu", "2026-03-29"],
];
const texts = ["30 2 * * *", "30 2,14 * * *", "0,30 1-3 * * *", "*/30 0,23 * * *", "0 */3 * * *", "15,45 * * * *"];

/** The wall clock of a zone, to the minute. */
function wallClock(timezone: string): (ms: number) => string {
  const two = { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" } as const;
  const format = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, hourCycle: "h23", year: "numeric", ...two });
  return (ms) => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
    return `${parts["year"]}-${parts["month"]}-${parts["day"]} ${parts["hour"]}:${parts["minute"]}`;
  };
}

describe.each(changes)("in %s around %s", (timezone, date) => {
  const [start, end] = [Date.parse(date) - 2 * dayMs, Date.parse(date) + 2 * dayMs];
  const [from, to] = [new Date(start).toISOString(), new Date(end).toISOString()];
  const wallOf = wallClock(timezone);

  test.each(texts)("%s: looking back finds exactly what looking forward finds, in order", (text) => {
    const dues = forwards(text, timezone, from, to);
    const schedule = parseSchedule(text, { timezone, key: "a/b" });
    const backwards: number[] = [];
    for (
      let due = schedule.latestAtOrBeforeMs(end);
      due !== undefined && due > start;
      due = schedule.latestAtOrBeforeMs(due - 1)
    ) {
      backwards.push(due);
    }
    expect(backwards.toReversed()).toEqual(dues);
    expect(dues.every((due, at) => at === 0 || due > (dues[at - 1] ?? 0))).toBe(true);
    const between = dues.flatMap((due, at) => (at === 0 ? [] : [Math.floor((due + (dues[at - 1] ?? 0)) / 2)]));
    expect(between.map((ms) => schedule.nextAfterMs(ms))).toEqual(dues.slice(1));
  });

  test("each of several times in named hours is due once on each day", () => {
    for (const text of ["30 2 * * *", "45 1 * * *", "5 0 * * *", "10 23 * * *"]) {
      const days = forwards(text, timezone, from, to).map((due) => wallOf(due).slice(0, 10));
      expect(new Set(days).size).toBe(days.length);
      expect(days.length).toBeGreaterThanOrEqual(4 - 1);
      expect(days.length).toBeLessThanOrEqual(4 + 1);
    }
  });

  test("a schedule for every hour is due whenever the clock shows its minute, and at no other time", () => {
    const expected: number[] = [];
    for (let ms = start + minuteMs; ms <= end; ms += minuteMs) if (/:(15|45)$/.test(wallOf(ms))) expected.push(ms);
    expect(forwards("15,45 * * * *", timezone, from, to)).toEqual(expected);
  });
});

test("a time in a named hour is due once on each of 365 days", () => {
  for (const timezone of ["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"]) {
    const wallOf = wallClock(timezone);
    const days = forwards("15 2 * * *", timezone, "2025-12-31T12:00Z", "2026-12-31T12:00Z").map((due) =>
      wallOf(due).slice(0, 10),
    );
    expect([days.length, new Set(days).size]).toEqual([365, 365]);
  }
});

test("asking for dues far back and far ahead ends", () => {
  const schedule = parseSchedule("30 2,14 29 2 *", { timezone: "America/New_York", key: "a/b" });
  expect(schedule.nextAfterMs(0)).toBe(Date.parse("1972-02-29T07:30Z"));
  expect(schedule.latestAtOrBeforeMs(Date.parse("2101-01-01T00:00Z"))).toBe(Date.parse("2096-02-29T19:30Z"));
  expect(schedule.nextAfterMs(-100 * 365 * dayMs)).toBeGreaterThan(-100 * 365 * dayMs);
});
