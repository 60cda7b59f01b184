import type { SlackPushOptions } from "./config.ts";
import { type Fields, stringField } from "./fields.ts";

/** Where something was said: a public or private channel, a direct message, a group direct message. */
export type Conversation = "channel" | "im" | "mpim";

/** Undefined when the event names no channel. */
export function conversationOf(event: Fields): Conversation | undefined {
  const channel = stringField(event, "channel");
  if (channel === undefined) return undefined;
  const type = stringField(event, "channel_type");
  if (type === "im" || type === "mpim") return type;
  if (type === "channel" || type === "group") return "channel";
  // Untold or new (`app_home` is a DM by its id). An id with G may be a private channel or a group DM: the more private reading wins.
  if (channel.startsWith("D")) return "im";
  return channel.startsWith("G") ? "mpim" : "channel";
}

/** Whether the operator wants what is said in this conversation. `channels` speaks of channels only; DMs have switches of their own. */
export function isWanted(
  conversation: Conversation,
  channel: string,
  options: Pick<SlackPushOptions, "channels" | "include_dms" | "include_mpim">,
): boolean {
  if (conversation === "im") return options.include_dms;
  if (conversation === "mpim") return options.include_mpim;
  return options.channels?.includes(channel) ?? true;
}
