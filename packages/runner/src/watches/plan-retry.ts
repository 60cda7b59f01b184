import { isConnectorsError } from "@statewave-connectors/connector-sdk";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
/** A provider's clock may be wrong. */
const longestNamedMs = 24 * hourMs;

/** What failed, or ended before its time. */
export interface FailedCall {
  /** Undefined: it ended without an error. */
  readonly error: unknown;
  /** Failures in a row, this one included. */
  readonly failures: number;
  readonly nowMs: number;
  readonly random: () => number;
}

/** In how long a wait is started again: a lost connection at once, what a person has to fix at last every hour. */
export function restartWaitMs(call: FailedCall): number {
  return isPassing(call.error) ? backoffMs(call, secondMs, 5 * minuteMs) : backoffMs(call, 30 * secondMs, hourMs);
}

/** In how long a renewal that failed is tried again. */
export function retryRenewalMs(call: FailedCall): number {
  return isPassing(call.error) ? backoffMs(call, minuteMs, hourMs) : backoffMs(call, 10 * minuteMs, hourMs);
}

const busyCodes: ReadonlySet<string> = new Set(["PULL_BUSY", "RUNNER_STOPPING"]);

/** In how long a run is requested again that could not begin, or that failed. */
export function requestAgainMs(call: FailedCall): number {
  // The run of another process may have begun before the news.
  if (isConnectorsError(call.error) && busyCodes.has(call.error.code)) return 5 * secondMs;
  return isPassing(call.error) ? backoffMs(call, 5 * secondMs, 5 * minuteMs) : 10 * minuteMs;
}

function isPassing(error: unknown): boolean {
  return error === undefined || (isConnectorsError(error) && error.retryable);
}

function backoffMs({ error, failures, nowMs, random }: FailedCall, firstMs: number, longestMs: number): number {
  const named = isConnectorsError(error) ? error.retryAtMs : undefined;
  if (named !== undefined) return Math.min(longestNamedMs, Math.max(secondMs, named - nowMs));
  const ceilingMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 20));
  return Math.round(ceilingMs * (0.5 + random() / 2));
}
