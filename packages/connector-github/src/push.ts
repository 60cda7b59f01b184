import type { ConnectorContext, Page, PushReceiver, ReceivedEvent } from "@statewave-connectors/connector-sdk";
import { parsePayload, toDelivery, toRepositoryEvent, unmappable } from "./delivery.ts";
import { Installations } from "./installations.ts";
import { mappingOf } from "./map-event.ts";
import type { GithubPushConfig } from "./push-config.ts";
import { receive } from "./receive.ts";

/** GitHub does not send what is larger: https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap */
export const maxBodyBytes = 25 * 1024 * 1024;

/** Opens a `[[push.github]]` entry. */
export function openPush(config: GithubPushConfig, { logger, reportHealth }: ConnectorContext): PushReceiver {
  const installations = new Installations(reportHealth);
  return {
    receive: (request) => receive(request, { config, installations, logger }),
    async *pages(event) {
      yield toPage(event);
    },
  };
}

function toPage({ headers, body, receivedAtMs }: ReceivedEvent): Page {
  const event = headers["x-github-event"] ?? "";
  const payload = parsePayload(body);
  if (payload === undefined) throw unmappable({ event, action: undefined }, "body");
  const delivery = toDelivery(event, payload);
  const mapping = mappingOf(delivery);
  if (mapping === undefined) return { episodes: [], skipped: { event_not_mapped: 1 } };
  const episodes = mapping.toEpisodes(toRepositoryEvent(delivery, receivedAtMs));
  return episodes.length === 0 ? { episodes, skipped: { nothing_new: 1 } } : { episodes };
}
