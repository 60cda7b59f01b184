import { describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { Settlement } from "@statewave-connectors/connector-sdk/inbox";

const firstRetryMs = 5_000;
const longestRetryMs = 60 * 60_000;
const shortestRetryMs = 250;
/** A provider's clock may be wrong; every inbox treats a wait of more than two days as such a time. */
const longestWaitMs = 24 * 60 * 60_000;

export interface FailedMapping {
  readonly error: unknown;
  /** Retries so far. */
  readonly attempt: number;
  readonly nowMs: number;
  readonly random: () => number;
}

/**
 * What becomes of an item whose mapping or delivery threw. What may pass by itself is retried for ever, later and later; what was thrown
 * by the mapping itself would be thrown again, so it is kept as a dead letter, raw, and a retry after the fix maps it anew.
 */
export function settleFailure({ error, attempt, nowMs, random }: FailedMapping): Settlement {
  if (!isConnectorsError(error) || !error.retryable) return { type: "dead", reason: describeError(error) };
  if (error.retryAtMs !== undefined) {
    return { type: "retry", afterMs: Math.min(longestWaitMs, Math.max(shortestRetryMs, error.retryAtMs - nowMs)) };
  }
  const backoffMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempt, 20));
  return { type: "retry", afterMs: Math.round(backoffMs * (0.5 + random() / 2)) };
}
