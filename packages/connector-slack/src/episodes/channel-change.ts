import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField } from "@statewave-connectors/connector-sdk/items";
import { messageText } from "@statewave-connectors/connector-sdk/text";
import type { SlackNames } from "../names/names.ts";
import { toIsoTime } from "../slack-time.ts";
import { writerOf } from "./author.ts";
import { leadOf } from "./lead.ts";
import { requiredTs } from "./occurrence.ts";
import { linkTo, metadataOf, type Origin, subjectOf } from "./origin.ts";
import { placeOf } from "./place.ts";
import { toPlainText } from "./plain-text.ts";
import { sessionOf } from "./session.ts";

/** What of a channel is changed, by the subtype of the message that says so. */
const changes: ReadonlyMap<string, "topic" | "purpose"> = new Map([
  ["channel_topic", "topic"],
  ["group_topic", "topic"],
  ["channel_purpose", "purpose"],
  ["group_purpose", "purpose"],
]);

/** Whether a message says that the topic or the purpose of its channel was changed. */
export function isChannelChange(message: Fields): boolean {
  return changes.has(stringField(message, "subtype") ?? "");
}

/**
 * The new topic or purpose of a channel.
 *
 * @see https://docs.slack.dev/reference/events/message/channel_topic
 */
export function toChannelChangeEpisode(message: Fields, origin: Origin, names: SlackNames): Episode {
  const what = changes.get(stringField(message, "subtype") ?? "") ?? "topic";
  const ts = requiredTs(message, "ts");
  const kind = `slack.${what}.changed`;
  const words = toPlainText(stringField(message, what) ?? "", names);
  const { label, author, userId } = writerOf(message, origin, names);
  const verb = words.trim() === "" ? "cleared" : "set";
  const place = placeOf(origin, names);
  return {
    subject: subjectOf(origin, undefined),
    kind,
    text: messageText({ lead: leadOf((cut) => `${cut(label)} ${verb} the ${what} of ${cut(place)}`), words }),
    occurred_at: toIsoTime(ts),
    source: { type: `slack.${what}`, id: `${origin.channel}:${ts}`, ...linkTo(origin, ts, undefined, names) },
    idempotency_key: idempotencyKey("slack", origin.teamId, origin.channel, ts, kind),
    session: sessionOf(origin, undefined, ts),
    ...(author !== undefined && { author }),
    metadata: metadataOf(origin, ts, { user_id: userId }),
  };
}
