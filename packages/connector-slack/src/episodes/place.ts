import type { SlackNames } from "../names/names.ts";
import type { Origin } from "./origin.ts";

/** Where it was said, for people: `#general`, `a DM`, `a group DM`. */
export function placeOf({ conversation, channel }: Origin, names: SlackNames): string {
  if (conversation !== "channel") return conversation === "im" ? "a DM" : "a group DM";
  const name = names.channel(channel)?.name;
  return name === undefined ? channel : `#${name}`;
}
