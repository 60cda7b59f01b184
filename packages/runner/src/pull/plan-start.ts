import type { Schedule } from "@statewave-connectors/config";
import { maxDueAheadMs, type SourceState } from "@statewave-connectors/connector-sdk/store";

/** The first thing to do for a source when its schedule is armed. */
export type StartPlan =
  /** Nothing fires at start: the next due is the first. */
  | { readonly type: "wait"; readonly missed: number }
  /** A run was left unfinished: claim `dueMs` after `delayMs`. */
  | { readonly type: "resume"; readonly dueMs: number; readonly delayMs: number }
  /** Dues passed while no process ran: one run for the latest of them, after a jitter. */
  | { readonly type: "catch-up"; readonly dueMs: number; readonly delayMs: number; readonly missed: number };

const longestJitterMs = 60_000;

export interface StartSituation {
  readonly schedule: Schedule;
  readonly catchUp: "once" | "skip";
  /** What the store remembers; undefined for a source it never saw. */
  readonly state: SourceState | undefined;
  readonly nowMs: number;
  readonly random: () => number;
}

/** Decides whether a source resumes, catches up or waits. Pure. */
export function planStart(situation: StartSituation): StartPlan {
  const { schedule, state, nowMs } = situation;
  if (state?.openDueMs !== undefined) {
    const delayMs = Math.max(state.resumeInMs ?? 0, state.lease?.lapsesInMs ?? 0);
    // A due of a clock that was ahead would be early for years.
    const isAhead = state.openDueMs > nowMs + maxDueAheadMs;
    return { type: "resume", dueMs: isAhead ? (schedule.latestAtOrBeforeMs(nowMs) ?? nowMs) : state.openDueMs, delayMs };
  }
  const latestMs = schedule.latestAtOrBeforeMs(nowMs);
  if (state?.finishedDueMs === undefined || latestMs === undefined || latestMs <= state.finishedDueMs) {
    return { type: "wait", missed: 0 };
  }
  const dues = countDues(schedule, state.finishedDueMs, nowMs);
  if (situation.catchUp === "skip") return { type: "wait", missed: dues };
  const intervalMs = (schedule.nextAfterMs(latestMs) ?? latestMs + longestJitterMs) - latestMs;
  const delayMs = Math.round(Math.min(intervalMs, longestJitterMs) * situation.random());
  return { type: "catch-up", dueMs: latestMs, delayMs, missed: dues - 1 };
}

const mostDuesCounted = 10_000;

/** How many dues lie in (afterMs, untilMs]; stops counting at 10,000. */
export function countDues(schedule: Schedule, afterMs: number, untilMs: number): number {
  if (schedule.intervalMs !== undefined) {
    const firstMs = schedule.nextAfterMs(afterMs);
    return firstMs === undefined || firstMs > untilMs ? 0 : Math.floor((untilMs - firstMs) / schedule.intervalMs) + 1;
  }
  let count = 0;
  let dueMs = schedule.nextAfterMs(afterMs);
  while (dueMs !== undefined && dueMs <= untilMs && count < mostDuesCounted) {
    count += 1;
    dueMs = schedule.nextAfterMs(dueMs);
  }
  return count;
}
