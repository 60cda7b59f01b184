import { userLabel } from "./author.ts";
import type { Conversation } from "../conversation.ts";
import type { Names } from "../names/names.ts";
import type { Origin } from "./origin.ts";

const words: Readonly<Record<Conversation, string>> = { channel: "Slack channel", im: "Slack DM", mpim: "Slack group DM" };

/** Where it was said, for people: `Slack channel #general (C1)`, `Slack DM with Ann (U1)`. */
export function placeOf(origin: Origin, names: Names, counterpart?: string): string {
  const place = words[origin.conversation];
  if (counterpart !== undefined) return `${place} with ${userLabel(counterpart, names)}`;
  const name = names.channel(origin.channel)?.name;
  return `${place} ${name === undefined ? origin.channel : `#${name} (${origin.channel})`}`;
}
