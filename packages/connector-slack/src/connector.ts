import {
  defineConnector,
  packageVersion,
  type Page,
  type PushReceiver,
  type ReceivedEvent,
} from "@statewave-connectors/connector-sdk";
import { SlackPush, type SlackPushOptions } from "./config.ts";
import { parseFields } from "./fields.ts";
import { unmappable } from "./occurrence.ts";
import { receive } from "./receive.ts";
import { toEpisode } from "./to-episode.ts";

/** Slack: messages and threads that the Events API pushes. */
export const connector = defineConnector<never, SlackPushOptions>({
  kind: "slack",
  version: packageVersion(import.meta.url),
  push: {
    config: SlackPush,
    open: (options, { logger }): PushReceiver => ({
      receive: (request) => receive(request, options, logger),
      async *pages(event) {
        yield toPage(event, options);
      },
    }),
  },
});

/** One event is one episode, or none. */
function toPage(event: ReceivedEvent, options: SlackPushOptions): Page {
  const delivery = parseFields(event.body);
  if (delivery === undefined) throw unmappable("is not a JSON object");
  const mapped = toEpisode(delivery, options);
  return typeof mapped === "string" ? { episodes: [], skipped: { [mapped]: 1 } } : { episodes: [mapped] };
}
