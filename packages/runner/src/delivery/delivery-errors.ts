import { ConnectorsError, describeError, isConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { DeliveryState } from "./sink-health.ts";

const stoppedCode = "SINK_STOPPED";
const notStatewaveCode = "SINK_NOT_STATEWAVE";

/** Rejects what waits for a sink that refuses everything. */
export function stoppedError({ code, reason, hint }: DeliveryState): ConnectorsError {
  return new ConnectorsError({
    code: code ?? stoppedCode,
    message: `the sink refuses everything: ${reason ?? "no reason given"}`,
    ...(hint === undefined ? {} : { hint }),
    retryable: true,
  });
}

/** Ends a run that another process may be able to deliver. */
export function unreachableError({ reason, hint }: DeliveryState): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_UNREACHABLE",
    message: `the sink cannot be reached from this process: ${reason ?? "no reason given"}`,
    hint: hint ?? "check [statewave] url, and that this machine can reach it",
    retryable: true,
  });
}

/** Whether the sink takes nothing, whatever the episodes: it refuses everything, is not Statewave, or is unreachable. */
export function sinkTakesNothing(error: unknown): boolean {
  return [stoppedCode, notStatewaveCode, "SINK_UNREACHABLE"].some((code) => isConnectorsError(error, code));
}

export function pausedError(source: SourceKey, untilMs: number): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_SOURCE_PAUSED",
    message: `the sink refused 100 episodes of ${formatSourceKey(source)} in a row; the source pauses until ${new Date(untilMs).toISOString()}`,
    hint: "look at the reasons with `dead-letters list`, and update the connector or Statewave",
    retryAtMs: untilMs,
  });
}

/** @param what what could not be kept, e.g. "an episode that cannot be delivered". */
export function buryFailedError(what: string, cause: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_BURY_FAILED",
    message: `${what} could not be put into the dead-letter list: ${describeError(cause)}`,
    hint: "check the store of the inbox",
    retryable: true,
    cause,
  });
}

export function closedError(): ConnectorsError {
  return new ConnectorsError({ code: "SINK_CLOSED", message: "the delivery is closed", retryable: true });
}
