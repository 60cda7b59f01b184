import { type Names, noNames } from "./names.ts";

const entities: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/**
 * Slack's mrkdwn as a person reads it: `<@U1>`, `<#C1|general>`, `<https://…|label>` and `<!here>` spelled out, then `&amp;`, `&lt;` and
 * `&gt;` undone, each once. In that order: a bracket somebody typed arrives as an entity and must not become markup.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export function toPlainText(mrkdwn: string, names: Names = noNames): string {
  return mrkdwn
    .replaceAll(/<([^<>]+)>/g, (_, inner: string) => spellOut(inner, names))
    .replaceAll(/&(?:amp|lt|gt);/g, (entity) => entities[entity]!);
}

function spellOut(inner: string, names: Names): string {
  const bar = inner.indexOf("|");
  const target = bar === -1 ? inner : inner.slice(0, bar);
  const label = bar === -1 ? "" : inner.slice(bar + 1);
  switch (target.charAt(0)) {
    case "@":
      return label === "" ? userMention(target.slice(1), names) : `@${label} (${target.slice(1)})`;
    case "#":
      return label === "" ? channelMention(target.slice(1), names) : `#${label} (${target.slice(1)})`;
    case "!":
      // <!here>, <!subteam^S1|@group>, <!date^1700000000^{date}|14 Nov 2023>
      return label === "" ? `@${target.slice(1)}` : label;
    default:
      return label === "" || label === target ? target : `${label} (${target})`;
  }
}

/** `@Ann (U1)`, or `@U1` when nobody knows the name. */
export function userMention(id: string, names: Names): string {
  const name = names.user(id);
  return name === undefined ? `@${id}` : `@${name} (${id})`;
}

/** `#general (C1)`, or `#C1` when nobody knows the name. */
export function channelMention(id: string, names: Names): string {
  const name = names.channel(id)?.name;
  return name === undefined ? `#${id}` : `#${name} (${id})`;
}
