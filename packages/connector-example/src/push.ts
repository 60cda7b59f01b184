import { ConnectorsError, type PushReceiver, type ReceivedEvent } from "@statewave-connectors/connector-sdk";
import { hmac, parseJsonBody, verifier } from "@statewave-connectors/connector-sdk/signature";
import * as v from "valibot";
import type { ExamplePushOptions } from "./config.ts";
import { NoteChange } from "./note.ts";
import { toEpisode } from "./to-episode.ts";

const signature = hmac({
  header: "x-example-signature",
  algorithm: "sha256",
  prefix: "sha256=",
  timestamp: { header: "x-example-timestamp", toleranceSeconds: 300 },
  signed: "{timestamp}.{body}",
  secretOption: "secret",
});

/** Opens a `[[push.example]]` entry. What an event says is read later, when it is stored and answered. */
export function openPush({ secret }: ExamplePushOptions): PushReceiver {
  return {
    verify: verifier(signature, secret),
    identify: ({ headers }) => headers["x-example-delivery"],
    async *pages(event) {
      yield { episodes: [toEpisode(parseChange(event))] };
    },
  };
}

/** What cannot be read becomes a dead letter: a later version may understand it. */
function parseChange(event: ReceivedEvent): NoteChange {
  const change = v.safeParse(NoteChange, parseJsonBody(event));
  if (change.success) return change.output;
  throw new ConnectorsError({
    code: "EXAMPLE_EVENT_UNMAPPABLE",
    message: "the event is not a change of a note",
    hint: "retry the dead letter after an update, or discard it",
  });
}
