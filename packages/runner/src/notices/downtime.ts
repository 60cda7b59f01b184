import type { PullEntry } from "@statewave-connectors/config";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { InboxStats } from "@statewave-connectors/connector-sdk/inbox";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import { inTurns } from "../turns.ts";

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
  /** Until when another process is known to have run, one that sends no notices for instance. */
  readonly othersRanUntilMs?: number | undefined;
}

/** Of one source; further ones are not counted. */
const mostDues = 1_000;

/** What happened since a process last showed that it runs. Undefined: it was not long ago, or after this one had started. */
export async function judgeDowntime(
  snapshot: StartSnapshot,
  { notedAtMs, shortestMs }: { readonly notedAtMs: number; readonly shortestMs: number },
): Promise<Downtime | undefined> {
  const { startedAtMs: toMs, pulls, states, inbox, othersRanUntilMs = 0 } = snapshot;
  const fromMs = Math.max(notedAtMs, othersRanUntilMs);
  if (toMs - fromMs < shortestMs) return undefined;
  const finished = new Map(states.map(({ source, finishedDueMs }) => [formatSourceKey(source), finishedDueMs]));
  const missed = pulls.map(() => 0);
  const passed = duesOf(pulls, (pull) => finished.get(formatSourceKey(pull)), { fromMs, toMs });
  await inTurns(passed, ({ index, dues }) => void (missed[index] = (missed[index] ?? 0) + dues));
  return {
    fromMs,
    toMs,
    missedDues: missed.reduce((sum, dues) => sum + dues, 0),
    missedSources: missed.filter((dues) => dues > 0).length,
    ...(inbox !== undefined && { waiting: inbox.depth }),
    ...(inbox?.oldestAcceptedAtMs !== undefined && { oldestAcceptedAtMs: inbox.oldestAcceptedAtMs }),
  };
}

interface PassedDues {
  /** Of the pull. */
  readonly index: number;
  readonly dues: number;
}

/** The dues of a downtime that no process finished, in small steps: cron is costly. Sources with the same expression share its dues. */
function* duesOf(
  pulls: StartSnapshot["pulls"],
  finishedOf: (pull: StartSnapshot["pulls"][number]) => number | undefined,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Generator<PassedDues, void> {
  const known = new Map<string, readonly number[]>();
  for (const [index, pull] of pulls.entries()) {
    const { schedule } = pull;
    const afterMs = Math.max(fromMs, Math.min(finishedOf(pull) ?? fromMs, toMs));
    if (schedule.intervalMs !== undefined) {
      yield { index, dues: fixedDues(schedule, schedule.intervalMs, { afterMs, toMs }) };
      continue;
    }
    let dues = known.get(schedule.text);
    if (dues === undefined) {
      const found: number[] = [];
      known.set(schedule.text, (dues = found));
      let dueMs = schedule.nextAfterMs(fromMs);
      while (dueMs !== undefined && dueMs <= toMs && found.length < mostDues) {
        found.push(dueMs);
        yield { index, dues: 0 };
        dueMs = schedule.nextAfterMs(dueMs);
      }
    }
    yield { index, dues: dues.filter((dueMs) => dueMs > afterMs).length };
  }
}

function fixedDues(
  schedule: PullEntry["schedule"],
  intervalMs: number,
  { afterMs, toMs }: { readonly afterMs: number; readonly toMs: number },
): number {
  const dueMs = schedule.nextAfterMs(afterMs);
  return dueMs === undefined || dueMs > toMs ? 0 : Math.floor((toMs - dueMs) / intervalMs) + 1;
}
