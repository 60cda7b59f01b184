import type { PullEntry } from "@statewave-connectors/config";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";

/** A time in which no process ran, and what it left. Webhooks that providers sent meanwhile are not known. */
export interface Downtime {
  readonly fromMs: number;
  readonly toMs: number;
  /** Dues that passed, and of how many sources. */
  readonly missedDues: number;
  readonly missedSources: number;
  /** Webhooks that wait from before. Absent: the inbox could not be read. */
  readonly waiting?: number | undefined;
  readonly oldestAcceptedAtMs?: number | undefined;
}

/** How everything stood when the process started. */
export interface StartSnapshot {
  readonly startedAtMs: number;
  readonly pulls: readonly Pick<PullEntry, "kind" | "name" | "schedule">[];
  readonly states: readonly SourceState[];
  readonly inbox: InboxStats | undefined;
}

/** Of one source; further ones are not counted. */
const mostDues = 1_000;

/** What happened since a process last looked. Undefined: it was not long ago, or another process has looked since this one started. */
export function judgeDowntime(
  snapshot: StartSnapshot,
  { lookedAtMs, shortestMs }: { readonly lookedAtMs: number; readonly shortestMs: number },
): Downtime | undefined {
  const { startedAtMs: toMs, pulls, states, inbox } = snapshot;
  if (toMs - lookedAtMs < shortestMs) return undefined;
  const finished = new Map(states.map(({ source, finishedDueMs }) => [formatSourceKey(source), finishedDueMs]));
  const missed = pulls.map((pull) => {
    const finishedMs = finished.get(formatSourceKey(pull));
    return duesIn(pull.schedule, Math.max(lookedAtMs, Math.min(finishedMs ?? lookedAtMs, toMs)), toMs);
  });
  return {
    fromMs: lookedAtMs,
    toMs,
    missedDues: missed.reduce((sum, dues) => sum + dues, 0),
    missedSources: missed.filter((dues) => dues > 0).length,
    ...(inbox !== undefined && { waiting: inbox.depth }),
    ...(inbox?.oldestAcceptedAtMs !== undefined && { oldestAcceptedAtMs: inbox.oldestAcceptedAtMs }),
  };
}

/** How many dues lie after `fromMs`, up to `toMs`. */
function duesIn(schedule: PullEntry["schedule"], fromMs: number, toMs: number): number {
  const { intervalMs } = schedule;
  let dueMs = schedule.nextAfterMs(fromMs);
  if (dueMs !== undefined && dueMs <= toMs && intervalMs !== undefined) return Math.floor((toMs - dueMs) / intervalMs) + 1;
  let dues = 0;
  while (dueMs !== undefined && dueMs <= toMs && dues < mostDues) {
    dues += 1;
    dueMs = schedule.nextAfterMs(dueMs);
  }
  return dues;
}
