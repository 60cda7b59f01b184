import { parseSchedule } from "@statewave-connectors/config";
import { describe, expect, test } from "vitest";
import type { RunAccount } from "../../src/runs/run-account.ts";
import { judgePull, judgePush, type PullFacts } from "../../src/status/judge-entry.ts";
import { sampleAccount, source, withNews } from "../runs/sample-account.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const nowMs = 1_000 * hourMs + 30 * minuteMs;
const pull = { direction: "pull", source } as const;
const push = { direction: "push", source } as const;
const schedule = parseSchedule("0 * * * *", { timezone: "UTC", key: "demo/one" });
const error = { code: "DEMO_DOWN", message: "down" };
const finished = { source, epoch: 3, cursor: "7", updatedAtMs: nowMs - 5 * minuteMs, finishedDueMs: 1_000 * hourMs };
const trouble = { code: "DEMO_UNAUTHORIZED", message: "401", sinceMs: nowMs - minuteMs };
const pausedBy = { ...pull, requests: [{ by: { user: "ana@web" }, atMs: 1 }] };

function judge(facts: Partial<PullFacts> = {}) {
  const none = { state: finished, summary: undefined, note: undefined, pause: undefined, deadLetters: 0 };
  return judgePull(pull, { nowMs, entry: { schedule }, ...none, ...facts });
}
const summaryOf = (last: RunAccount, failures = last.outcome === "failed" ? 1 : 0) => ({
  last,
  failures,
  doneAtMs: nowMs - 25 * minuteMs,
});

describe("a pull source is", () => {
  test("new before its first run, idle after it, running under a lease", () => {
    expect(judge({ state: undefined }).condition).toBe("new");
    expect(judge({ summary: summaryOf(withNews()) })).toMatchObject({ condition: "idle", lagMs: 0, cursorAgeMs: 5 * minuteMs });
    const lease = { owner: "web-1:42:x", lapsesInMs: 1 };
    expect(judge({ state: { ...finished, lease } })).toMatchObject({ condition: "running", owner: "web-1:42:x" });
  });

  test("failing when its last run failed, also while it is tried again, and when a check found trouble", () => {
    const failed = summaryOf(sampleAccount({ outcome: "failed", error }), 4);
    const lease = { owner: "o", lapsesInMs: 1 };
    expect(judge({ summary: failed, state: { ...finished, lease } })).toMatchObject({ condition: "failing", failures: 4, error });
    expect(judge({ note: { trouble } })).toMatchObject({ condition: "failing", error: { code: "DEMO_UNAUTHORIZED" } });
    expect(judge({ note: { trouble }, summary: { ...summaryOf(withNews()), doneAtMs: nowMs } }).condition).toBe("idle");
  });

  test("waiting until the time that its provider named, and failing after it", () => {
    const limited = (retryAtMs: number) => summaryOf(sampleAccount({ outcome: "failed", error: { ...error, retryAtMs } }));
    expect(judge({ summary: limited(nowMs + minuteMs) }).condition).toBe("waiting");
    expect(judge({ summary: limited(nowMs - minuteMs) }).condition).toBe("failing");
  });

  test("standing when three runs brought episodes and left the cursor", () => {
    const standing = { sinceMs: 1, runs: 3 };
    expect(judge({ summary: { ...summaryOf(withNews()), standing } })).toMatchObject({ condition: "standing", standing });
    expect(judge({ summary: { ...summaryOf(withNews()), standing: { sinceMs: 1, runs: 2 } } })).toMatchObject({
      condition: "idle",
      standing: undefined,
    });
  });

  test("shown with how far it is read, unless it was read to its end since", () => {
    const reading = { by: "count", leftAtStart: 100, left: 25, activeMs: 30 * minuteMs, updatedAtMs: nowMs - minuteMs } as const;
    const remaining = { fraction: 0.75, remainingMs: 10 * minuteMs, by: "count" };
    expect(judge({ reading }).remaining).toEqual(remaining);
    expect(judge({ reading, summary: summaryOf(withNews()) }).remaining).toEqual(remaining);
    expect(judge({ reading, summary: { ...summaryOf(withNews()), doneAtMs: nowMs } }).remaining).toBeUndefined();
    expect(judge().remaining).toBeUndefined();
  });

  test("late when more than two intervals have passed since the first due that no process ran", () => {
    const since = (hours: number) => judge({ state: { ...finished, finishedDueMs: (1_000 - hours) * hourMs } });
    expect(since(1)).toMatchObject({ condition: "idle", lagMs: 30 * minuteMs });
    expect(since(4)).toMatchObject({ condition: "late", lagMs: 3 * hourMs + 30 * minuteMs });
  });

  test("not late for dues from before it was added, changed or resumed, unless a clock ahead has noted that", () => {
    const state = { ...finished, finishedDueMs: 900 * hourMs };
    const since = (scheduledAtMs: number) => judge({ state, note: { scheduledAtMs } });
    expect(judge({ state }).condition).toBe("late");
    expect(since(nowMs - minuteMs)).toMatchObject({ condition: "idle", lagMs: 0 });
    expect(since(nowMs - 2 * hourMs)).toMatchObject({ condition: "idle", lagMs: hourMs + 30 * minuteMs });
    expect(since(nowMs - 3 * hourMs)).toMatchObject({ condition: "late", lagMs: 2 * hourMs + 30 * minuteMs });
    expect(since(nowMs + hourMs).condition).toBe("late");
  });

  test("paused, whatever else", () => {
    const failed = summaryOf(sampleAccount({ outcome: "failed", error }));
    expect(judge({ pause: pausedBy, summary: failed })).toMatchObject({ condition: "paused", error });
    const state = { ...finished, resumeInMs: 1_000 };
    expect(judge({ state }).resumeAtMs).toBeGreaterThan(0);
    expect(judge({ state, pause: pausedBy }).resumeAtMs).toBeUndefined();
    expect(judge({ state }).nextDueMs).toBeGreaterThan(0);
    expect(judge({ state, pause: pausedBy }).nextDueMs).toBeUndefined();
  });
});

test("a receiver is new before its first webhook, idle after it, failing with a trouble, and paused", () => {
  const facts = { nowMs, note: undefined, pause: undefined, deadLetters: 2 };
  expect(judgePush(push, facts)).toMatchObject({ condition: "new", deadLetters: 2 });
  expect(judgePush(push, { ...facts, note: { arrivedAtMs: 5 } })).toMatchObject({ condition: "idle", lastSuccessMs: 5 });
  expect(judgePush(push, { ...facts, note: { trouble } })).toMatchObject({ condition: "failing" });
  expect(judgePush(push, { ...facts, note: { trouble }, pause: { ...pausedBy, ...push } })).toMatchObject({
    condition: "paused",
  });
});
