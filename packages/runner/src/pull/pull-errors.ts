import { ConnectorsError, isConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { unknownEntry } from "../entry-name.ts";

/** @param known the pull entries of the configuration. */
export function unknownSource(key: SourceKey, known: Iterable<SourceKey>): ConnectorsError {
  const entries = Array.from(known, (source) => ({ direction: "pull" as const, source }));
  return unknownEntry({ direction: "pull", source: key }, entries);
}

export function busyError(key: SourceKey): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_BUSY",
    message: `another process runs ${formatSourceKey(key)} now`,
    hint: "repeat the command when that run has ended",
    retryable: true,
  });
}

/** An operator has paused the source. */
export function pausedByOperator(key: SourceKey): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_PAUSED",
    message: `pull:${formatSourceKey(key)} is paused by an operator`,
    hint: "look at who paused it, and why, with `statewave-connectors status`",
    retryable: true,
  });
}

export function stoppingError(): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_STOPPING",
    message: "the runner is stopping",
    hint: "start the runner again: the work is kept at its last checkpoint",
    retryable: true,
  });
}

/** Whether a run ended because the runner stops, which is no failure. */
export function isStop(error: unknown): boolean {
  return isConnectorsError(error, "RUNNER_STOPPING") || isConnectorsError(error, "RUNNER_DRAIN_TIMEOUT");
}
