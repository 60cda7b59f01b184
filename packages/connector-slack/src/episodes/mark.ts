import { type Episode, idempotencyKey } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { messageText } from "@statewave-connectors/connector-sdk/text";
import { userLabel, writerOf } from "./author.ts";
import { channelOf } from "../conversation.ts";
import { leadOf } from "./lead.ts";
import { beginningOf, contentOf } from "./message-content.ts";
import { messageId, type SlackNames } from "../names/names.ts";
import { requiredTs, unmappable } from "./occurrence.ts";
import { linkTo, metadataOf, type Origin, subjectOf } from "./origin.ts";
import { placeOf } from "./place.ts";
import { sessionOf } from "./session.ts";
import { smallTalkMemory } from "./small-talk.ts";
import { toIsoTime } from "../slack-time.ts";
import { threadOf } from "./thread.ts";

/** A reaction or a pin: put on a message, or taken off it. */
export interface Mark {
  readonly type: "reaction" | "pin";
  readonly action: "added" | "removed";
  readonly channel: string;
  /** The marked message. */
  readonly ts: string;
  readonly atTs: string;
  /** Who did it. */
  readonly user: string | undefined;
  /** The name of the emoji; of a pin nothing. */
  readonly emoji: string | undefined;
  /** Whose message it is on. */
  readonly author: string | undefined;
  /** The pinned message; reactions come without one. */
  readonly message: Fields | undefined;
}

const markTypes: ReadonlyMap<string, Pick<Mark, "type" | "action">> = new Map([
  ["reaction_added", { type: "reaction", action: "added" }],
  ["reaction_removed", { type: "reaction", action: "removed" }],
  ["pin_added", { type: "pin", action: "added" }],
  ["pin_removed", { type: "pin", action: "removed" }],
]);

export function isMarkType(type: string): boolean {
  return markTypes.has(type);
}

/** Files can be pinned and reacted to as well. */
export function isOnMessage(event: Fields): boolean {
  const type = toFields(event["item"])?.["type"];
  return type === undefined || type === "message";
}

/**
 * Reads a `reaction_*` or `pin_*` event on a message.
 *
 * @see https://docs.slack.dev/reference/events/reaction_added
 * @see https://docs.slack.dev/reference/events/pin_added
 */
export function toMark(event: Fields): Mark {
  const item = toFields(event["item"]);
  if (item === undefined) throw unmappable("has no item");
  const found = markTypes.get(stringField(event, "type") ?? "");
  if (found === undefined) throw unmappable("is no reaction and no pin");
  const { type, action } = found;
  const channel = channelOf(event);
  if (channel === undefined) throw unmappable("names no channel");
  const message = toFields(item["message"]);
  const emoji = stringField(event, "reaction");
  if (type === "reaction" && emoji === undefined) throw unmappable("names no reaction");
  return {
    type,
    action,
    channel,
    ts: requiredTs(type === "reaction" ? item : (message ?? item), "ts"),
    atTs: requiredTs(event, "event_ts"),
    user: stringField(event, "user"),
    emoji: type === "reaction" ? emoji : undefined,
    author: stringField(event, "item_user") ?? stringField(message, "user"),
    message,
  };
}

/** `event_ts` ends the key, so that adding, removing and adding again are three episodes. */
export function toMarkEpisode(mark: Mark, origin: Origin, names: SlackNames): Episode {
  const { type, action, ts, atTs, user, emoji } = mark;
  const kind = `slack.${type}.${action}`;
  const { teamId, channel } = origin;
  const base = ["slack", teamId, channel, ts, type];
  const who = type === "reaction" ? [emoji, user] : [];
  const counterpart = origin.conversation === "im" ? names.channel(channel)?.counterpart : undefined;
  const message = markedMessage(mark, names);
  const thread = message === undefined ? undefined : threadOf(message, ts);
  return {
    subject: subjectOf(origin, counterpart ?? otherOf(mark, origin)),
    kind,
    text: textOf(mark, message, origin, names),
    occurred_at: toIsoTime(atTs),
    source: {
      type: `slack.${type}.${action === "added" ? "add" : "remove"}`,
      id: type === "reaction" ? `${channel}:${ts}:${user ?? ""}:${emoji}` : `${channel}:${ts}`,
      ...linkTo(origin, ts, thread, names),
    },
    idempotency_key: idempotencyKey(...base, ...who, kind, atTs),
    session: sessionOf(origin, message, ts),
    ...(type === "reaction" && { candidates: smallTalkMemory }),
    metadata: metadataOf(origin, ts, { thread_ts: thread, user_id: user, item_user_id: mark.author, reaction: emoji }),
  };
}

/** Pins bring the message along that they are on; of a reaction it is requested. */
function markedMessage({ channel, ts, message }: Mark, names: SlackNames): Fields | undefined {
  return message ?? names.message(messageId(channel, ts));
}

/** More of the message would make Statewave take the mark for it, and retire the message. */
const maxWords = 60;

function textOf(mark: Mark, message: Fields | undefined, origin: Origin, names: SlackNames): string {
  const { user, author } = mark;
  const actor = user === undefined ? "Someone" : userLabel(user, names);
  const whose = whoseMessage(author, message, origin, names);
  const place = placeOf(origin, names);
  const lead = leadOf((cut) => `${cut(actor)} ${didOf(mark, cut(whose ?? "someone"))} in ${cut(place)}`);
  const marked = message === undefined ? "" : beginningOf(contentOf(message, names), maxWords);
  if (mark.type === "pin") return messageText({ lead, words: marked });
  return messageText({ lead, words: `:${mark.emoji}:`, about: marked === "" ? undefined : `on: ${marked}` });
}

function didOf({ type, action }: Mark, whose: string): string {
  const isAdded = action === "added";
  if (type === "pin") return `${isAdded ? "pinned" : "unpinned"} a message by ${whose}`;
  return isAdded ? `reacted to ${whose}` : `took back a reaction to ${whose}`;
}

function whoseMessage(
  author: string | undefined,
  message: Fields | undefined,
  origin: Origin,
  names: SlackNames,
): string | undefined {
  if (message !== undefined && (stringField(message, "bot_id") !== undefined || author === undefined)) {
    return writerOf(message, origin, names).label;
  }
  return author === undefined ? undefined : userLabel(author, names);
}

/** In a DM the one of the two who is not the app. */
function otherOf({ user, author }: Mark, { ourUserIds }: Origin): string | undefined {
  if (ourUserIds.size === 0) return undefined;
  return [user, author].find((id) => id !== undefined && !ourUserIds.has(id));
}
