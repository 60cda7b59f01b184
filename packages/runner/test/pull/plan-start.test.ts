import { parseSchedule } from "@statewave-connectors/config";
import { describe, expect, test } from "vitest";
import { countDues, planStart } from "../../src/pull/plan-start.ts";

const source = { kind: "demo", name: "one" };
const hourly = parseSchedule("0 * * * *", { timezone: "UTC", key: "demo/one" });
const at = (time: string) => Date.parse(`2026-03-01T${time}Z`);
const nowMs = at("12:30:00");
const base = { schedule: hourly, catchUp: "once", nowMs, random: () => 0.5 } as const;

describe("planStart", () => {
  test("fires nothing for a source that the store never saw", () => {
    expect(planStart({ ...base, state: undefined })).toEqual({ type: "wait", missed: 0 });
  });

  test("fires nothing for a source whose cursor was set by hand before its first run", () => {
    expect(planStart({ ...base, state: { source, epoch: 1, cursor: "x" } })).toEqual({ type: "wait", missed: 0 });
  });

  test("fires nothing when the latest due is finished", () => {
    expect(planStart({ ...base, state: { source, epoch: 1, finishedDueMs: at("12:00:00") } })).toEqual({
      type: "wait",
      missed: 0,
    });
  });

  test("makes up for passed dues with one run, jittered", () => {
    const state = { source, epoch: 1, finishedDueMs: at("09:00:00") };
    expect(planStart({ ...base, state })).toEqual({ type: "catch-up", dueMs: at("12:00:00"), delayMs: 30_000, missed: 2 });
  });

  test("jitters within the interval when that is shorter than a minute", () => {
    const schedule = parseSchedule("every 10s", { timezone: "UTC", key: "demo/one" });
    const finishedDueMs = schedule.latestAtOrBeforeMs(at("09:00:00"))!;
    const plan = planStart({ ...base, schedule, state: { source, epoch: 1, finishedDueMs } });
    expect(plan).toMatchObject({ type: "catch-up", delayMs: 5_000 });
  });

  test("only counts passed dues when catch_up is skip", () => {
    const state = { source, epoch: 1, finishedDueMs: at("09:00:00") };
    expect(planStart({ ...base, catchUp: "skip", state })).toEqual({ type: "wait", missed: 3 });
  });

  test("resumes an unfinished run at once when no process holds it", () => {
    const state = { source, epoch: 1, openDueMs: at("11:00:00"), finishedDueMs: at("10:00:00") };
    expect(planStart({ ...base, state })).toEqual({ type: "resume", dueMs: at("11:00:00"), delayMs: 0 });
  });

  test("resumes an unfinished run when its time has come and its lease has lapsed", () => {
    const open = { source, epoch: 1, openDueMs: at("12:00:00") };
    expect(planStart({ ...base, state: { ...open, resumeInMs: 7_000 } })).toMatchObject({ type: "resume", delayMs: 7_000 });
    expect(planStart({ ...base, state: { ...open, lease: { owner: "other", lapsesInMs: 9_000 } } })).toMatchObject({
      delayMs: 9_000,
    });
  });
});

test("counts the dues of a fixed interval without walking through them", () => {
  const schedule = parseSchedule("every 1s", { timezone: "UTC", key: "demo/one" });
  const yearMs = 365 * 86_400_000;
  expect(countDues(schedule, nowMs, nowMs + yearMs)).toBe(yearMs / 1000);
  expect(countDues(schedule, nowMs, nowMs)).toBe(0);
});
