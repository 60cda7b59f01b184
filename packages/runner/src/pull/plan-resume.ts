import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { sinkTakesNothing } from "../delivery/delivery-errors.ts";

const firstBackoffMs = 15_000;
const longestBackoffMs = 15 * 60_000;
/** What a person has to mend is looked at again at least this often, however rare the schedule. */
const longestWaitForMendMs = 60 * 60_000;
const shortestRetryMs = 1_000;
const sinkRetryMs = 60_000;
/** No limit of a provider lasts longer: a time beyond that is a mistake, or of another clock. */
const longestPauseMs = 24 * 60 * 60_000;

export interface UnfinishedRun {
  readonly error: unknown;
  /** How many runs of this source failed in a row before this one. */
  readonly failures: number;
  readonly nowMs: number;
  /** Undefined: the schedule holds no further due. */
  readonly nextDueMs: number | undefined;
  readonly random: () => number;
}

/**
 * How long until a run that failed is resumed from its checkpoint; until then no due of its source is claimed. A provider that named its
 * time is not called until then, a day at most. Otherwise the next due is waited for, or less where the schedule is rare.
 */
export function resumeAfterErrorMs(run: UnfinishedRun): number {
  const { error, failures, nowMs } = run;
  if (isConnectorsError(error)) {
    if (error.retryAtMs !== undefined) {
      const waitMs = Math.min(longestPauseMs, Math.max(shortestRetryMs, error.retryAtMs - nowMs));
      // The other parts of the source are due when the schedule says so.
      return error.failedParts === undefined ? waitMs : Math.min(waitMs, untilNextDueMs(run));
    }
    // No due is claimed while the sink takes nothing, so nothing spins; when it works again, the run need not wait.
    if (sinkTakesNothing(error)) return shortestRetryMs;
    if (error.code.startsWith("SINK_")) return sinkRetryMs;
    if (!error.retryable) return Math.min(longestWaitForMendMs, untilNextDueMs(run));
  }
  const backoffMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** Math.min(failures, 16));
  return Math.min(Math.round(backoffMs * (0.5 + run.random() / 2)), untilNextDueMs(run));
}

/** The pause that the provider wants, if it is longer than the one it gets; undefined otherwise. */
export function overlongPauseMs({ error, nowMs }: Pick<UnfinishedRun, "error" | "nowMs">): number | undefined {
  if (!isConnectorsError(error) || error.retryAtMs === undefined || error.failedParts !== undefined) return undefined;
  const pauseMs = error.retryAtMs - nowMs;
  return pauseMs > longestPauseMs ? pauseMs : undefined;
}

/** A run that ended at `max_items` is resumed with the next due: the schedule is what paces it. */
export function untilNextDueMs(run: Pick<UnfinishedRun, "nowMs" | "nextDueMs">): number {
  return run.nextDueMs === undefined ? longestWaitForMendMs : Math.max(shortestRetryMs, run.nextDueMs - run.nowMs);
}
