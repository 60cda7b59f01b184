import type { PullEntry } from "@statewave-connectors/config";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { EntryName } from "../entry-name.ts";
import type { Pause } from "../pauses/pause.ts";
import { type SourceReading, remainingOf } from "../progress/reading.ts";
import type { SourceSummary } from "../runs/source-summary.ts";
import type { EntryNote, EntryTrouble } from "./entry-notes.ts";
import type { EntryCondition, EntryStatus, QueuedCount } from "./status-report.ts";

/** So many runs in a row with episodes and the same cursor are no chance. */
const runsUntilStanding = 3;
/** A due that has passed for so long is run by no process. */
const shortestLateMs = 60_000;
const mostSkewMs = 60_000;

/** What is known of an entry. */
export interface EntryFacts {
  readonly nowMs: number;
  readonly note: EntryNote | undefined;
  readonly pause: Pause | undefined;
  readonly deadLetters: number;
  readonly queued?: QueuedCount | undefined;
}

export interface PullFacts extends EntryFacts {
  readonly entry: Pick<PullEntry, "schedule">;
  readonly state: SourceState | undefined;
  readonly summary: SourceSummary | undefined;
  readonly reading?: SourceReading | undefined;
  readonly cursorOf?: EntryStatus["cursorOf"];
}

/** How a pull source stands. Pure. */
export function judgePull(name: EntryName, facts: PullFacts): EntryStatus {
  const { nowMs, entry, state, summary, note, pause, deadLetters, queued } = facts;
  const lagMs = lagOf(facts);
  const lateAfterMs = lagMs === undefined ? undefined : lateAfter(facts);
  const error = errorOf(facts);
  // What is paused resumes when an operator says so, at no time that is known.
  const resumeAtMs = state?.resumeInMs === undefined || pause !== undefined ? undefined : nowMs + state.resumeInMs;
  const standing = summary?.standing;
  return {
    ...name,
    condition: pullCondition(facts, lagMs),
    lastSuccessMs: summary?.doneAtMs ?? state?.finishedDueMs,
    // As above: its dues pass without a run.
    nextDueMs: pause === undefined ? entry.schedule.nextAfterMs(nowMs) : undefined,
    lagMs,
    lateAfterMs,
    cursorAgeMs: state?.updatedAtMs === undefined ? undefined : Math.max(0, nowMs - state.updatedAtMs),
    cursorOf: facts.cursorOf,
    standing: standing !== undefined && standing.runs >= runsUntilStanding ? standing : undefined,
    owner: state?.lease?.owner,
    resumeAtMs,
    remaining: remainingIn(facts),
    failures: summary?.failures ?? 0,
    error,
    unhealthySinceMs: troubleOf(facts)?.sinceMs,
    deadLetters,
    queued,
    pause,
  };

  function pullCondition({ pause: paused }: PullFacts, lag: number | undefined): EntryCondition {
    if (paused !== undefined) return "paused";
    if (isWaiting(facts)) return "waiting";
    if (error !== undefined) return "failing";
    if (standing !== undefined && standing.runs >= runsUntilStanding) return "standing";
    if (state?.lease !== undefined) return "running";
    if (lag !== undefined && lateAfterMs !== undefined && lag > lateAfterMs) return "late";
    return summary === undefined && note?.trouble === undefined && state === undefined ? "new" : "idle";
  }
}

/** How a receiver stands. Pure. */
export function judgePush(name: EntryName, { note, pause, deadLetters, queued }: EntryFacts): EntryStatus {
  const { trouble, arrivedAtMs } = note ?? {};
  const condition =
    pause !== undefined ? "paused" : trouble !== undefined ? "failing" : arrivedAtMs === undefined ? "new" : "idle";
  return {
    ...name,
    condition,
    lastSuccessMs: arrivedAtMs,
    failures: 0,
    error: trouble && { code: trouble.code, message: trouble.message },
    unhealthySinceMs: trouble?.sinceMs,
    deadLetters,
    queued,
    pause,
  };
}

/** A record of a reading may stay behind its end. */
function remainingIn({ reading, summary }: PullFacts): EntryStatus["remaining"] {
  const isOver = reading !== undefined && summary?.doneAtMs !== undefined && summary.doneAtMs >= reading.updatedAtMs;
  return reading === undefined || isOver ? undefined : remainingOf(reading);
}

/** A provider's limit is no failure: it ends by itself. */
function isWaiting({ summary, nowMs }: PullFacts): boolean {
  const retryAtMs = summary?.last.outcome === "failed" ? summary.last.error?.retryAtMs : undefined;
  return retryAtMs !== undefined && retryAtMs > nowMs;
}

/** Why the last run failed, or else what its processes noticed since. */
function errorOf(facts: PullFacts): EntryStatus["error"] {
  const { summary } = facts;
  if (summary !== undefined && summary.failures > 0 && summary.last.error !== undefined) return summary.last.error;
  const trouble = troubleOf(facts);
  return trouble && { code: trouble.code, message: trouble.message };
}

/** What its processes noticed, unless a run has succeeded since. */
function troubleOf({ summary, note }: PullFacts): EntryTrouble | undefined {
  const trouble = note?.trouble;
  const isOver = trouble !== undefined && summary?.doneAtMs !== undefined && summary.doneAtMs > trouble.sinceMs;
  return isOver ? undefined : trouble;
}

/** Since the first due that is not finished. A source that never ran has none: nothing fires before its first due. */
function lagOf(facts: PullFacts): number | undefined {
  const { entry, nowMs } = facts;
  const fromMs = countedFrom(facts);
  if (fromMs === undefined) return undefined;
  const missedMs = entry.schedule.nextAfterMs(fromMs);
  return missedMs === undefined || missedMs > nowMs ? 0 : nowMs - missedMs;
}

/** After its last finished due, or since it was added, changed or resumed: with another schedule, earlier dues never were. */
function countedFrom({ state, note, nowMs }: PullFacts): number | undefined {
  if (state?.finishedDueMs === undefined) return undefined;
  const { scheduledAtMs = 0 } = note ?? {};
  // One further ahead was noted by a clock that was ahead.
  return Math.max(state.finishedDueMs, scheduledAtMs > nowMs + mostSkewMs ? 0 : scheduledAtMs);
}

/** Two intervals, a minute at least. */
function lateAfter(facts: PullFacts): number {
  const { schedule } = facts.entry;
  const firstMs = schedule.nextAfterMs(countedFrom(facts) ?? facts.nowMs);
  const secondMs = firstMs === undefined ? undefined : schedule.nextAfterMs(firstMs);
  const intervalMs = firstMs === undefined || secondMs === undefined ? 0 : secondMs - firstMs;
  return Math.max(shortestLateMs, 2 * intervalMs);
}
