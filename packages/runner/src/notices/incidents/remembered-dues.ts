import type { PullEntry, Schedule } from "@statewave-connectors/config";

const wrapped = new WeakMap<PullEntry, PullEntry>();
/** A look requests the dues after now, after the last finished one, and after those. */
const mostKept = 4;

/** The entry with a schedule that keeps its latest answers: looks come often, cron is costly, and a due stays the next one until it passes. */
export function withRememberedDues(entry: PullEntry): PullEntry {
  const known = wrapped.get(entry) ?? { ...entry, schedule: rememberingDues(entry.schedule) };
  wrapped.set(entry, known);
  return known;
}

/** See {@link withRememberedDues}. */
export function rememberingDues(schedule: Schedule): Schedule {
  const kept: { readonly fromMs: number; readonly dueMs: number }[] = [];
  return {
    ...schedule,
    nextAfterMs(ms) {
      const known = kept.find(({ fromMs, dueMs }) => fromMs <= ms && ms < dueMs);
      if (known !== undefined) return known.dueMs;
      const dueMs = schedule.nextAfterMs(ms);
      if (dueMs !== undefined) kept.unshift({ fromMs: ms, dueMs });
      kept.length = Math.min(kept.length, mostKept);
      return dueMs;
    },
  };
}
