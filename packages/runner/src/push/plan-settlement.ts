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
 * How to settle an item whose mapping or delivery threw. A retryable error is retried for ever, at growing intervals. Any other error would
 * be thrown again: the item becomes a dead letter, raw, so that a retry after a fix maps it again.
 */
export function planSettlement({ error, attempt, nowMs, random }: FailedMapping): Settlement {
  if (!isConnectorsError(error) || !error.retryable) return { type: "dead", reason: describeError(error) };
  if (error.retryAtMs !== undefined) {
    return { type: "retry", afterMs: Math.min(longestWaitMs, Math.max(shortestRetryMs, error.retryAtMs - nowMs)) };
  }
  const backoffMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(attempt, 20));
  return { type: "retry", afterMs: Math.round(backoffMs * (0.5 + random() / 2)) };
}
