import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** For an inbox of another package. */
export function discardMissing(): ConnectorsError {
  return new ConnectorsError({
    code: "INBOX_DISCARD_MISSING",
    message: "this inbox cannot forget what waits in it",
    hint: "update the package of the inbox, or let the runner deliver what waits and use `--in-statewave`",
  });
}
