import {
  ConnectorsError,
  isFreshTimestamp,
  type PushReceiver,
  type Received,
  type ReceivedRequest,
  refuse,
  type Secret,
  verifyHmac,
} from "@statewave-connectors/connector-sdk";
import * as v from "valibot";
import type { ExamplePushOptions } from "./config.ts";
import { NoteChange } from "./note.ts";
import { toEpisode } from "./to-episode.ts";

const toleranceSeconds = 300;

/** Opens a `[[push.example]]` entry. */
export function openPush({ secret: secrets }: ExamplePushOptions): PushReceiver {
  return {
    receive: (request) => receive(request, secrets),
    async *pages({ body }) {
      yield { episodes: [toEpisode(parseChange(body))] };
    },
  };
}

/** Verifies the raw bytes, then identifies. What the event says is read later, when it is stored and answered. */
function receive({ headers, body, receivedAtMs }: ReceivedRequest, secrets: readonly Secret[]): Received {
  const timestamp = headers["x-example-timestamp"];
  const signature = headers["x-example-signature"];
  if (timestamp === undefined || signature === undefined) return refuse(401, "missing_signature");
  if (!isFreshTimestamp(timestamp, receivedAtMs, toleranceSeconds)) return refuse(401, "stale_timestamp", "check both clocks");
  const matches =
    signature.startsWith("sha256=") &&
    verifyHmac({ algorithm: "sha256", secrets, signed: [`${timestamp}.`, body], signature: signature.slice("sha256=".length) });
  if (!matches) return refuse(401, "invalid_signature", "check `secret`");
  const id = headers["x-example-delivery"];
  return id === undefined ? { type: "event" } : { type: "event", id };
}

/** What cannot be read becomes a dead letter: a later version may understand it. */
function parseChange(body: Uint8Array): NoteChange {
  try {
    return v.parse(NoteChange, JSON.parse(new TextDecoder().decode(body)));
  } catch (cause) {
    throw new ConnectorsError({
      code: "EXAMPLE_EVENT_UNMAPPABLE",
      message: "The event is not a change of a note.",
      hint: "It is kept as a dead letter; retry it after an update, or discard it.",
      cause,
    });
  }
}
