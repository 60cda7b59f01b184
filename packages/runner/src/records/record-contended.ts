import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** Other processes changed a record each time before it could be written. */
export function recordContended(name: string, attempts: number): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_RECORD_CONTENDED",
    message: `other processes changed the record "${name}" before each of ${attempts} attempts to write it`,
    hint: "check whether another tool changes the state at the same time, and run the command again",
    retryable: true,
  });
}
