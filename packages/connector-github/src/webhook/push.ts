import type { ConnectorContext, Page, PushReceiver, ReceivedEvent } from "@statewave-connectors/connector-sdk";
import { hmac, verifier } from "@statewave-connectors/connector-sdk/signature";
import { asWanted, type RoutineOptions } from "../episodes/routine.ts";
import type { GithubPushConfig } from "../push-options.ts";
import { parsePayload, toDelivery, toRepositoryEvent, unmappable } from "./delivery.ts";
import { Installations } from "./installations.ts";
import { mappingOf } from "./map-event.ts";
import { deliveryIdOf, respond } from "./respond.ts";

/** GitHub does not send what is larger: https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap */
export const maxBodyBytes = 25 * 1024 * 1024;

/** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries. No timestamp is signed: the delivery id is what stops a replay. */
export const signature = hmac({
  header: "x-hub-signature-256",
  algorithm: "sha256",
  prefix: "sha256=",
  secretOption: "secret",
});

/** Opens a `[[push.github]]` entry. */
export function openPush(config: GithubPushConfig, { logger, reportHealth }: ConnectorContext): PushReceiver {
  const installations = new Installations(reportHealth);
  return {
    verify: verifier(signature, config.secret),
    form: { field: "payload" },
    respond: (request) => respond(request, { config, installations, logger }),
    identify: deliveryIdOf,
    storedHeaders: ["x-github-event", "x-github-delivery"],
    async *pages(event) {
      yield toPage(event, config);
    },
  };
}

function toPage({ headers, body, receivedAtMs }: ReceivedEvent, wanted: RoutineOptions): Page {
  const event = headers["x-github-event"] ?? "";
  const payload = parsePayload(body);
  if (payload === undefined) throw unmappable({ event, action: undefined }, "body");
  const delivery = toDelivery(event, payload);
  const mapping = mappingOf(delivery);
  if (mapping === undefined) return { episodes: [], skipped: { event_not_mapped: 1 } };
  const episodes = mapping.toEpisodes(toRepositoryEvent(delivery, receivedAtMs));
  if (episodes.length === 0) return { episodes, skipped: { nothing_new: 1 } };
  return asWanted({ episodes, skipped: {} }, wanted);
}
