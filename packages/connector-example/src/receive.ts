import type { PushReceiver } from "@statewave-connectors/connector-sdk";
import { hmac, parseJsonBody, verifier } from "@statewave-connectors/connector-sdk/signature";
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
