import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** A state on which no trial runs. */
export function stateUnsupported(kind: string, why: string): ConnectorsError {
  return new ConnectorsError({
    code: "CHAOS_STATE_UNSUPPORTED",
    message: `there is no trial on [runner.state] of kind ${kind}: ${why}`,
    hint: "pass a file whose state and inbox are both of kind file, postgres or redis",
  });
}

/** The place of a trial holds something. */
export function placeUsed(place: string, found: string, hint: string): ConnectorsError {
  return new ConnectorsError({ code: "CHAOS_PLACE_USED", message: `${place} is not empty: it holds ${found}`, hint });
}

export function childFailed(what: string, reason: string): ConnectorsError {
  return new ConnectorsError({
    code: "CHAOS_CHILD_FAILED",
    message: `${what} did not start: ${reason}`,
    hint: "read its log in the folder that `--keep` leaves",
  });
}
