import {
  ConnectorsError,
  type PushReceiver,
  type Received,
  type ReceivedRequest,
  type Secret,
} from "@statewave-connectors/connector-sdk";
import { checkHmacSignature, type HmacSignature } from "@statewave-connectors/connector-sdk/signature";
import * as v from "valibot";
import type { ExamplePushOptions } from "./config.ts";
import { NoteChange } from "./note.ts";
import { toEpisode } from "./to-episode.ts";

const signature: HmacSignature = {
  header: "x-example-signature",
  algorithm: "sha256",
  prefix: "sha256=",
  timestamp: { header: "x-example-timestamp", toleranceSeconds: 300 },
  signed: "{timestamp}.{body}",
  secretOption: "secret",
};

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
function receive(request: ReceivedRequest, secrets: readonly Secret[]): Received {
  const refusal = checkHmacSignature(request, signature, secrets);
  if (refusal !== undefined) return refusal;
  const id = request.headers["x-example-delivery"];
  return id === undefined ? { type: "event" } : { type: "event", id };
}

/** What cannot be read becomes a dead letter: a later version may understand it. */
function parseChange(body: Uint8Array): NoteChange {
  try {
    return v.parse(NoteChange, JSON.parse(new TextDecoder().decode(body)));
  } catch (cause) {
    throw new ConnectorsError({
      code: "EXAMPLE_EVENT_UNMAPPABLE",
      message: "the event is not a change of a note",
      hint: "retry the dead letter after an update, or discard it",
      cause,
    });
  }
}
