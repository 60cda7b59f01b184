import { describe, expect, test } from "vitest";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { parseSchedule } from "../src/index.ts";

const utc = { timezone: "UTC", key: "github/main" };
const ms = (iso: string) => Date.parse(iso);
const iso = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());

/** The dues of a schedule in (from, to], found by walking forward. */
function duesBetween(text: string, timezone: string, from: string, to: string): readonly string[] {
  const schedule = parseSchedule(text, { timezone, key: "a/b" });
  const dues: string[] = [];
  for (let due = schedule.nextAfterMs(ms(from)); due !== undefined && due <= ms(to); due = schedule.nextAfterMs(due))
    dues.push(iso(due)!);
  return dues;
}

describe("every", () => {
  test.each([
    ["every 1s", 1_000],
    ["every 30s", 30_000],
    ["every 15m", 900_000],
    ["every 1h", 3_600_000],
    ["every 7h", 25_200_000],
    ["every 30d", 2_592_000_000],
    ["every 400d", 34_560_000_000],
    ["every 36500d", 3_153_600_000_000],
    [" every  2m ", 120_000],
  ])("%s has dues a fixed distance apart, and no timer limit shortens it", (text, intervalMs) => {
    const schedule = parseSchedule(text, utc);
    const nowMs = ms("2026-03-01T12:00:00.123Z");
    const first = schedule.nextAfterMs(nowMs)!;
    expect(schedule.intervalMs).toBe(intervalMs);
    expect(schedule.text).toBe(text);
    expect(first).toBeGreaterThan(nowMs);
    expect(first - nowMs).toBeLessThanOrEqual(intervalMs);
    expect(schedule.nextAfterMs(first)).toBe(first + intervalMs);
    expect(schedule.latestAtOrBeforeMs(first)).toBe(first);
    expect(schedule.latestAtOrBeforeMs(first - 1)).toBe(first - intervalMs);
  });

  test("the grid of a source is the same in every process", () => {
    expect(iso(parseSchedule("every 1h", utc).nextAfterMs(ms("2026-01-01T00:00:00Z")))).toBe("2026-01-01T00:51:03.572Z");
  });

  test("sources with the same interval are spread over it", () => {
    const phases = Array.from({ length: 1_000 }, (_, index) => {
      return parseSchedule("every 1h", { timezone: "UTC", key: `github/source-${index}` }).nextAfterMs(0)!;
    });
    const perTenMinutes = Map.groupBy(phases, (phase) => Math.floor(phase / 600_000));
    expect(perTenMinutes.size).toBe(6);
    for (const bucket of perTenMinutes.values()) expect(bucket.length).toBeGreaterThan(120);
  });
});

describe("cron", () => {
  test.each([
    ["0 */6 * * *", "UTC", "2026-01-01T00:00:00Z", "2026-01-01T06:00:00.000Z"],
    ["*/30 * * * * *", "UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:00:30.000Z"],
    ["0 9 * * MON-FRI", "Europe/Berlin", "2026-01-03T00:00:00Z", "2026-01-05T08:00:00.000Z"],
    ["0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["0 0 L * *", "UTC", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00.000Z"],
    ["  0   12  *  *  * ", "UTC", "2026-01-01T12:00:00Z", "2026-01-02T12:00:00.000Z"],
    ["0 0 * * 7", "UTC", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00.000Z"],
    // Either day matches; with + both have to.
    ["0 0 2,4 * 1", "UTC", "2026-06-01T00:00:00Z", "2026-06-02T00:00:00.000Z"],
    ["0 0 2,4 * 1", "UTC", "2026-06-04T00:00:00Z", "2026-06-08T00:00:00.000Z"],
    ["0 0 2,4 * +1", "UTC", "2026-06-01T00:00:00Z", "2026-11-02T00:00:00.000Z"],
    ["0 0 13 * +FRI", "UTC", "2026-03-14T00:00:00Z", "2026-11-13T00:00:00.000Z"],
  ])("%s in %s after %s is %s", (text, timezone, after, expected) => {
    expect(iso(parseSchedule(text, { timezone, key: "a/b" }).nextAfterMs(ms(after)))).toBe(expected);
  });

  test("has no fixed interval", () => {
    expect(parseSchedule("0 * * * *", utc).intervalMs).toBeUndefined();
  });

  test("a due is at or before itself, and after no other than the one before it", () => {
    const schedule = parseSchedule("15 */2 * * *", utc);
    const due = ms("2026-05-05T04:15:00Z");
    expect(iso(schedule.latestAtOrBeforeMs(due))).toBe("2026-05-05T04:15:00.000Z");
    expect(iso(schedule.latestAtOrBeforeMs(due + 999))).toBe("2026-05-05T04:15:00.000Z");
    expect(iso(schedule.latestAtOrBeforeMs(due - 1))).toBe("2026-05-05T02:15:00.000Z");
    expect(iso(schedule.nextAfterMs(due - 1))).toBe("2026-05-05T04:15:00.000Z");
    expect(iso(schedule.nextAfterMs(due))).toBe("2026-05-05T06:15:00.000Z");
  });

  test("a fixed time that the clock skips runs when the clock has jumped, on the same day", () => {
    expect(duesBetween("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", "2026-03-30T12:00:00Z")).toEqual([
      "2026-03-28T01:30:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  test("a fixed time that happens twice runs once", () => {
    expect(duesBetween("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z")).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  test("a repeated time continues through both passes of the hour that happens twice", () => {
    expect(duesBetween("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:59:00Z", "2026-10-25T02:00:00Z")).toEqual([
      "2026-10-25T00:00:00.000Z",
      "2026-10-25T00:30:00.000Z",
      "2026-10-25T01:00:00.000Z",
      "2026-10-25T01:30:00.000Z",
      "2026-10-25T02:00:00.000Z",
    ]);
  });

  test.each([
    ["30 2 * * *", "Europe/Berlin", "2026-03-27T00:00:00Z", "2026-03-31T00:00:00Z"],
    ["30 2 * * *", "Europe/Berlin", "2026-10-23T00:00:00Z", "2026-10-28T00:00:00Z"],
    ["*/20 * * * *", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z"],
    ["*/20 * * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", "2026-04-04T18:00:00Z"],
    ["0 0 * * *", "America/Sao_Paulo", "2018-11-02T00:00:00Z", "2018-11-06T00:00:00Z"],
    ["*/7 * * * * *", "UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:03:00Z"],
  ])("%s in %s: looking back finds exactly what looking forward finds", (text, timezone, from, to) => {
    const schedule = parseSchedule(text, { timezone, key: "a/b" });
    const forward = duesBetween(text, timezone, from, to);
    const backward: string[] = [];
    for (
      let due = schedule.latestAtOrBeforeMs(ms(to));
      due !== undefined && due > ms(from);
      due = schedule.latestAtOrBeforeMs(due - 1)
    ) {
      backward.unshift(iso(due)!);
    }
    expect(forward.length).toBeGreaterThan(3);
    expect(backward).toEqual(forward);
  });

  test("two schedules in turn do not disturb each other", () => {
    const [hourly, daily] = [parseSchedule("0 * * * *", utc), parseSchedule("0 0 * * *", utc)];
    const berlin = parseSchedule("0 0 * * *", { timezone: "Europe/Berlin", key: "a/b" });
    const now = ms("2026-01-01T10:10:00Z");
    const answers = () => [hourly, daily, berlin].map((schedule) => iso(schedule.nextAfterMs(now)));
    expect(answers()).toEqual(["2026-01-01T11:00:00.000Z", "2026-01-02T00:00:00.000Z", "2026-01-01T23:00:00.000Z"]);
    expect(answers()).toEqual(answers());
  });
});

describe("refused", () => {
  test.each([
    ["every 0s", "the interval is zero"],
    ["every 0d", "the interval is zero"],
    ["every 36501d", "century"],
    ["every 36501d ", "century"],
    ["every 99999999999999999999d", "century"],
    ["every 1.5h", "whole number"],
    ["every -1m", "whole number"],
    ["every 5 m", "whole number"],
    ["every 5w", "whole number"],
    ["every m", "whole number"],
    ["every", "whole number"],
    ["Every 5m", "whole number"],
    ["every 5m please", "whole number"],
    ["", "neither"],
    ["hourly", "neither"],
    ["@daily", "neither"],
    ["2026-01-01T00:00:00", "neither"],
    ["* * * *", "neither"],
    ["* * * * * * *", "neither"],
    ["60 * * * *", "its minute is out of range"],
    ["0 24 * * *", "its hour is out of range"],
    ["0 0 0 * *", "its day of the month is out of range"],
    ["0 0 32 * *", "its day of the month is out of range"],
    ["0 0 1 13 *", "its month is out of range"],
    ["0 0 * * 8", "its day of the week is out of range"],
    ["60 * * * * *", "its second is out of range"],
    ["*/0 * * * *", "invalid step"],
    ["a b c d e", "invalid"],
    ["-1 * * * *", "invalid"],
    ["0 0 30 2 *", "no date ever matches"],
    ["0 0 31 4,6,9,11 *", "no date ever matches"],
    ["0 0 31W 2 *", "no date ever matches"],
  ])("%j: %s", (text, reason) => {
    let thrown: unknown;
    try {
      parseSchedule(text, utc);
    } catch (error) {
      thrown = error;
    }
    expect(isConnectorsError(thrown, "CONFIG_SCHEDULE_INVALID")).toBe(true);
    expect((thrown as Error).message).toContain(reason);
    expect((thrown as Error).message).toContain(JSON.stringify(text));
  });
});

describe("a schedule that is nearly right", () => {
  test.each([
    ["Every 15m", 'write "every 15m"'],
    ["EVERY 2 HOURS", 'write "every 2h"'],
    ["every15m", 'write "every 15m"'],
    ["every 15 minutes", 'write "every 15m"'],
    ["every day", 'write "every 1d"'],
    ["15m", 'write "every 15m"'],
    ["@every 5m", 'write "every 5m"'],
    ["@hourly", 'write "0 * * * *"'],
    ["@Weekly", 'write "0 0 * * 0"'],
    ["? 12 * * *", 'write "* 12 * * *"'],
    ["0 0 12 ? * MON", 'write "0 0 12 * * mon"'],
    ["every 15M", 'write "every 15m" (s, m, h or d)'],
    ["every 0m", 'write "every 15m" (s, m, h or d)'],
    ["@reboot", 'write "every 15m" (s, m, h or d)'],
  ])("%j: %s", (text, hint) => {
    expect(() => parseSchedule(text, utc)).toThrow(
      expect.objectContaining({ code: "CONFIG_SCHEDULE_INVALID", hint: expect.stringContaining(hint) }),
    );
  });

  test.each([
    ["-1 * * * *", 'its minute is invalid: "-1" is neither'],
    ["*/ * * * *", 'its minute has the invalid step "*/"'],
    ["*-5 * * * *", 'its minute is invalid: "*-5"'],
    ["/5 * * * *", "write */5"],
    ["0 0 * * *#2", "its day of the week is invalid"],
    ["0 22-2 * * *", "its hour has the range 22-2, which ends before it begins"],
    ["1,,2 * * * *", 'its minute is invalid: ""'],
    ["H * * * *", 'its minute is invalid: "H"'],
    ["? * * * *", 'its minute is "?"'],
    ["0 0 * Foo *", 'its month is invalid: "Foo"'],
    ["0 0 * * SUNDAY", 'its day of the week is invalid: "SUNDAY" is neither *, a number from 0 to 7 or a word such as mon'],
    ["0 0 * JANUARY *", "or a word such as feb"],
    ["0 0 1 * ++mon", 'its day of the week is invalid: "+mon"'],
    ["0 0 +1 * *", 'its day of the month is invalid: "+1"'],
    ["0 0 30 2 +mon", "no date ever matches"],
    ["1/0 * * * *", "write */5"],
    ["3/7 * * * *", "write */7"],
    ["0 0 15W,L * mon#6", "its day of the week is invalid"],
  ])("%j in words of its own", (text, reason) => {
    let message = "";
    try {
      parseSchedule(text, utc);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(reason);
    expect(message).not.toMatch(/NaN|Syntax error|CronPattern|entry \d/);
  });

  test.each(["0 0 L * *", "0 0 15W * *", "0 0 * * MON#2", "0 0 * * 5L", "5-5 * * jan-mar sun-mon", "0-30/10 */2 1,15 * *"])(
    "%s is read",
    (text) => {
      expect(parseSchedule(text, utc).nextAfterMs(0)).toBeGreaterThan(0);
    },
  );
});
