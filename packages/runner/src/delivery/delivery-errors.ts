import { ConnectorsError, describeError, formatSourceKey, type SourceKey } from "@statewave-connectors/connector-sdk";
import type { DeliveryState } from "./sink-health.ts";

export function stoppedError({ reason, hint }: DeliveryState): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_STOPPED",
    message: `the sink refuses everything: ${reason ?? "no reason given"}`,
    ...(hint === undefined ? {} : { hint }),
    retryable: true,
  });
}

export function pausedError(source: SourceKey, untilMs: number): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_SOURCE_PAUSED",
    message: `the sink refused 100 episodes of ${formatSourceKey(source)} in a row; it pauses until ${new Date(untilMs).toISOString()}`,
    hint: "look at the reasons in the dead-letter list: the connector and the server do not fit together",
    retryAtMs: untilMs,
  });
}

export function buryFailedError(cause: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "SINK_BURY_FAILED",
    message: `an episode that cannot be delivered could not be put into the dead-letter list: ${describeError(cause)}`,
    hint: "check the inbox's store; it is tried again",
    retryable: true,
    cause,
  });
}

export function closedError(): ConnectorsError {
  return new ConnectorsError({ code: "SINK_CLOSED", message: "the delivery is closed", retryable: true });
}
