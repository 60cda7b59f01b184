import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";

/** Where something was said: a public or private channel, a direct message, a group direct message. */
export type Conversation = "channel" | "im" | "mpim";

/** What is known of a conversation besides its id. */
export interface ChannelFacts {
  readonly conversation: Conversation;
  /** Without `#`; DMs have none. */
  readonly name?: string | undefined;
  /** The other party of a DM. */
  readonly counterpart?: string | undefined;
  /** Shared with another organization by Slack Connect. */
  readonly isShared?: boolean | undefined;
}

/** Which conversations an entry keeps. */
export interface Wanted {
  /** Ids, and names with a `#` before them; undefined: every channel. */
  readonly channels?: readonly string[] | undefined;
  /** The only workspace that is wanted. */
  readonly team_id?: string | undefined;
  readonly include_dms: boolean;
  readonly include_mpim: boolean;
}

/** The channel, where each type of event puts it: messages, pins, reactions. Undefined when the event names none. */
export function channelOf(event: Fields): string | undefined {
  return stringField(event, "channel") ?? stringField(event, "channel_id") ?? stringField(toFields(event["item"]), "channel");
}

/** What the event says, else what Slack answered, else what the id suggests. */
export function conversationOf(event: Fields, channel: string, wanted: Wanted, facts?: ChannelFacts): Conversation {
  const type = stringField(event, "channel_type");
  if (type === "im" || type === "mpim") return type;
  if (type === "channel" || type === "group") return "channel";
  if (facts !== undefined) return facts.conversation;
  if (wanted.channels?.includes(channel) === true) return "channel";
  // Unknown or new (`app_home` is a DM by its id). An id with G may be a private channel or a group DM: the more private reading wins.
  if (channel.startsWith("D")) return "im";
  return channel.startsWith("G") ? "mpim" : "channel";
}

/**
 * Whether the operator wants what is said in this conversation. `channels` speaks of channels only; DMs have switches of their own.
 * Unknown: it hangs on the channel's name.
 */
export function wants(
  wanted: Wanted,
  conversation: Conversation,
  channel: string,
  name: string | undefined,
): "yes" | "no" | "unknown" {
  if (conversation === "im") return wanted.include_dms ? "yes" : "no";
  if (conversation === "mpim") return wanted.include_mpim ? "yes" : "no";
  const { channels } = wanted;
  if (channels === undefined || channels.includes(channel)) return "yes";
  if (name !== undefined) return channels.includes(`#${name}`) ? "yes" : "no";
  return channels.some((entry) => entry.startsWith("#")) ? "unknown" : "no";
}
