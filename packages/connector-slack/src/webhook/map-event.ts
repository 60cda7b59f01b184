import type { Episode } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { channelOf, type Conversation, conversationOf, type Wanted, wants } from "../conversation.ts";
import { isMarkType, isOnMessage, toMark, toMarkEpisode } from "../episodes/mark.ts";
import { toMessageEpisode } from "../episodes/message-episode.ts";
import { type Names, noNames } from "../names/names.ts";
import { type SkipReason, toOccurrence, unmappable } from "../episodes/occurrence.ts";
import { originOf } from "../episodes/origin.ts";

/**
 * Maps one stored `event_callback`. Throws SLACK_EVENT_UNMAPPABLE for what should be a message or a mark on one and cannot be
 * read as such.
 */
export function toEpisode(delivery: Fields, wanted: Wanted, names: Names = noNames): Episode | SkipReason {
  const event = toFields(delivery["event"]);
  const type = stringField(event, "type");
  if (event === undefined || type === undefined) throw unmappable("has no inner event with a type");
  if (type !== "message" && !(isMarkType(type) && isOnMessage(event))) return "not_a_message";
  const judged = judge(delivery, wanted, names);
  if (judged === undefined) throw unmappable("names no channel");
  const { channel, conversation } = judged;
  // Decided again, because an event may have been stored under an older configuration, or before the channel's name was known.
  if (judged.isWanted === "no") return "excluded_conversation";
  const read = type === "message" ? toOccurrence(event) : toMark(event);
  if (typeof read === "string") return read;
  const origin = originOf(delivery, channel, conversation, wanted.team_id);
  if (origin === undefined) throw unmappable("names no team");
  return "emoji" in read ? toMarkEpisode(read, origin, names) : toMessageEpisode(read, origin, names);
}

/** Where an event belongs, and whether that is wanted; undefined when it names no channel. */
interface Judgement {
  readonly channel: string;
  readonly conversation: Conversation;
  /** Unknown: it hangs on the channel's name. */
  readonly isWanted: ReturnType<typeof wants>;
}

export function judge(delivery: Fields, wanted: Wanted, names: Names): Judgement | undefined {
  const event = toFields(delivery["event"]) ?? {};
  const channel = channelOf(event);
  if (channel === undefined) return undefined;
  const facts = names.channel(channel);
  const conversation = conversationOf(event, channel, wanted, facts);
  return { channel, conversation, isWanted: wants(wanted, conversation, channel, facts?.name) };
}
