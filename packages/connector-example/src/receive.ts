import type { PushReceiver } from "@statewave-connectors/connector-sdk";
import {
  hmac,
  parseJsonBody,
  type SampleMark,
  verifier,
  type WebhookSample,
} from "@statewave-connectors/connector-sdk/signature";
import type { ExamplePushOptions } from "./push-options.ts";
import { toEpisodes } from "./to-episode.ts";

/** How the provider signs a webhook. */
export const signature = hmac({
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
      yield { episodes: toEpisodes(parseJsonBody(event)) };
    },
  };
}

/** A delivery to try the receiver with. */
export function samples(_options: unknown, { id, atMs }: SampleMark): readonly WebhookSample[] {
  const note = { id, title: "A sample", text: "This note was never written." };
  const body = { seq: 1, action: "written", at: new Date(atMs).toISOString(), author: "sample", note };
  return [{ name: "note.written", headers: { "x-example-delivery": id }, body: JSON.stringify(body) }];
}
