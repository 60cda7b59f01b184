import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** Why a command ended before its work: a person or a supervisor said so, which is no fault to show a stack of. */
export function stoppedBy(signal: NodeJS.Signals): ConnectorsError {
  return new ConnectorsError({ code: "RUNNER_STOPPING", message: `stopped by ${signal}` });
}
