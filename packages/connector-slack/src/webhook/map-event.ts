import type { Episode } from "@statewave-connectors/connector-sdk";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { channelOf, type Conversation, conversationOf, type Wanted, wants } from "../conversation.ts";
import { isMarkType, isOnMessage, toMark, toMarkEpisode } from "../episodes/mark.ts";
import { toAnsweredEpisode } from "../episodes/answered.ts";
import { isChannelChange, toChannelChangeEpisode } from "../episodes/channel-change.ts";
import { toMessageEpisode } from "../episodes/message-episode.ts";
import type { NoiseOptions } from "../episodes/noise.ts";
import { type SlackNames, noNames } from "../names/names.ts";
import { type Occurrence, type SkipReason, toOccurrence, unmappable } from "../episodes/occurrence.ts";
import { type Origin, originOf } from "../episodes/origin.ts";
import { rootOf, threadOf } from "../episodes/thread.ts";

/** What an entry keeps. */
export type Kept = Wanted & NoiseOptions;

/**
 * Maps one stored `event_callback`. Throws SLACK_EVENT_UNMAPPABLE for what should be a message or a mark on one and cannot be
 * read as such.
 */
export function toEpisodes(delivery: Fields, wanted: Kept, names: SlackNames = noNames): readonly Episode[] | SkipReason {
  const event = toFields(delivery["event"]);
  const type = stringField(event, "type");
  if (event === undefined || type === undefined) throw unmappable("has no inner event with a type");
  if (type !== "message" && !(isMarkType(type) && isOnMessage(event))) return "not_a_message";
  const judged = judge(delivery, wanted, names);
  if (judged === undefined) throw unmappable("names no channel");
  const { channel, conversation } = judged;
  // Decided again, because an event may have been stored under an older configuration, or before the channel's name was known.
  if (judged.isWanted === "no") return "excluded_conversation";
  const isChange = type === "message" && isChannelChange(event);
  const read = isChange ? undefined : type === "message" ? toOccurrence(event) : toMark(event);
  if (typeof read === "string") return read;
  const origin = originOf(delivery, channel, conversation, wanted.team_id);
  if (origin === undefined) throw unmappable("names no team");
  if (read === undefined) return [toChannelChangeEpisode(event, origin, names)];
  return "emoji" in read ? [toMarkEpisode(read, origin, names)] : toMessageEpisodes(read, origin, names, wanted);
}

/** Whether names may change what an event is mapped to. Of a reply that is left out, the message that it replies to may be missing still. */
export function needsNames(delivery: Fields, mapped: readonly Episode[] | SkipReason): boolean {
  if (mapped !== "too_short" && mapped !== "from_a_bot") return typeof mapped !== "string";
  return stringField(toFields(delivery["event"]), "thread_ts") !== undefined;
}

/** A message, and the one that it replies to, where that was left out while it had no replies. */
function toMessageEpisodes(
  read: Occurrence,
  origin: Origin,
  names: SlackNames,
  noise: NoiseOptions,
): readonly Episode[] | SkipReason {
  const mapped = toMessageEpisode(read, origin, names, noise);
  const { action, message, ts } = read;
  const thread = action === "posted" ? threadOf(message, ts) : undefined;
  const root = thread === undefined ? undefined : rootOf(message, thread, undefined, origin, names);
  const answered = root === undefined ? undefined : toAnsweredEpisode({ ...root, ts: thread }, origin, names, noise);
  if (typeof mapped === "string") return answered === undefined ? mapped : [answered];
  return answered === undefined ? [mapped] : [answered, mapped];
}

/** Where an event belongs, and whether that is wanted; undefined when it names no channel. */
interface Judgement {
  readonly channel: string;
  readonly conversation: Conversation;
  /** Unknown: it hangs on the channel's name. */
  readonly isWanted: ReturnType<typeof wants>;
}

export function judge(delivery: Fields, wanted: Wanted, names: SlackNames): Judgement | undefined {
  const event = toFields(delivery["event"]) ?? {};
  const channel = channelOf(event);
  if (channel === undefined) return undefined;
  const facts = names.channel(channel);
  const conversation = conversationOf(event, channel, wanted, facts);
  return { channel, conversation, isWanted: wants(wanted, conversation, channel, facts?.name) };
}
