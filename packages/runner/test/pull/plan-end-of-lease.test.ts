import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { planEndOfLease, type RunEnd } from "../../src/pull/plan-end-of-lease.ts";
import { stoppingError } from "../../src/pull/pull-errors.ts";
import type { RunOutcome } from "../../src/pull/run-pull.ts";

const nowMs = 1_000_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;
const report = { fetched: 0, episodes: 0, delivered: 0, buried: 0, skipped: 0, failed: 0, exhausted: false };

const failed = (error: Error): RunOutcome => ({
  type: "failed",
  phase: "sync",
  error,
  progress: { pages: 0, episodes: 0, delivered: 0, skipped: 0 },
  notKept: 0,
});
const partial = (reason: "max_items" | "stopping" | "paused" | "reloaded"): RunOutcome => ({ type: "partial", report, reason });
const failure = (options: { code?: string; retryAtMs?: number }) =>
  new ConnectorsError({ code: "DEMO_FAILED", message: "x", retryable: true, ...options });
const plan = (outcome: RunOutcome, end: Partial<RunEnd> = {}) =>
  planEndOfLease({ outcome, failures: 0, nowMs, nextDueMs: nowMs + minuteMs, isStopping: false, random: () => 1, ...end });

test.each([false, true])("keeps the time that a provider named for the next run, stopping or not: %s", (isStopping) => {
  const limited = failed(failure({ retryAtMs: nowMs + hourMs }));

  expect(plan(limited, { isStopping })).toEqual({ type: "unfinished", resumeInMs: hourMs });
});

test("leaves a run that only the stop ended to the next process at once", () => {
  const ends = [
    partial("stopping"),
    partial("max_items"),
    failed(stoppingError()),
    failed(failure({ code: "RUNNER_DRAIN_TIMEOUT" })),
  ];

  for (const outcome of ends) expect(plan(outcome, { isStopping: true })).toEqual({ type: "unfinished", resumeInMs: 0 });
});

test("resumes at once what a pause or a reload cut short, and with the next due what max_items ended", () => {
  expect(plan(partial("paused"))).toEqual({ type: "unfinished", resumeInMs: 0 });
  expect(plan(partial("reloaded"))).toEqual({ type: "unfinished", resumeInMs: 0 });
  expect(plan(partial("max_items"))).toEqual({ type: "unfinished", resumeInMs: minuteMs });
});

test("has nothing to release where the lease is lost, and nothing to resume after the end", () => {
  expect(plan(failed(failure({ code: "STORE_LEASE_LOST" })), { isStopping: true })).toEqual({ type: "lost" });
  expect(plan({ type: "done", report })).toEqual({ type: "done" });
});
