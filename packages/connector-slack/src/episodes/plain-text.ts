import { mrkdwnToText } from "@statewave-connectors/connector-sdk/text";
import { type Names, noNames } from "../names/names.ts";

/** Slack's mrkdwn as a person reads it. Ids stay beside the names: `@Ann (U1)`. */
export function toPlainText(mrkdwn: string, names: Names = noNames): string {
  return mrkdwnToText(mrkdwn, {
    user: (id, label) => named(id, label || names.user(id)),
    channel: (id, label) => named(id, label || names.channel(id)?.name),
    link: (target, label) => (label === "" || label === target ? target : `${label} (${target})`),
  });
}

/** `@Ann (U1)`, or `@U1` without a known name. */
export function userMention(id: string, names: Names): string {
  return `@${named(id, names.user(id))}`;
}

/** `#general (C1)`, or `#C1` without a known name. */
export function channelMention(id: string, names: Names): string {
  return `#${named(id, names.channel(id)?.name)}`;
}

/** The parts that say something, one a line. */
export function joined(parts: readonly (string | undefined)[], separator = "\n"): string {
  return parts.filter((part) => part !== undefined && part !== "").join(separator);
}

function named(id: string, name: string | undefined): string {
  return name === undefined ? id : `${name} (${id})`;
}
