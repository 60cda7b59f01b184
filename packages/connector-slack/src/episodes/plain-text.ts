import { mrkdwnToText } from "@statewave-connectors/connector-sdk/text";
import { type SlackNames, noNames } from "../names/names.ts";

/** Slack's mrkdwn as a person reads it. An id is shown only where no name is known. */
export function toPlainText(mrkdwn: string, names: SlackNames = noNames): string {
  return mrkdwnToText(mrkdwn, {
    user: (id, label) => label || names.user(id),
    channel: (id, label) => label || names.channel(id)?.name,
    group: (id, label) => label || names.group(id),
  });
}

/** `@Ann`, or `@U1` without a known name. */
export function userMention(id: string, names: SlackNames): string {
  return `@${names.user(id) ?? id}`;
}

/** `#general`, or `#C1` without a known name. */
export function channelMention(id: string, names: SlackNames): string {
  return `#${names.channel(id)?.name ?? id}`;
}

/** The parts that say something, one a line. */
export function joined(parts: readonly (string | undefined)[], separator = "\n"): string {
  return parts.filter((part) => part !== undefined && part !== "").join(separator);
}
