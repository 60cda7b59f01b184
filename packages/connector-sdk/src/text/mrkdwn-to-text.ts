import { withoutMarks } from "./mrkdwn-marks.ts";

/**
 * Looks up names that a text holds as ids; undefined for an id without a known name. `label` is the name in the text, an empty one where it
 * has none.
 */
export interface MrkdwnNames {
  readonly user?: (id: string, label: string) => string | undefined;
  readonly channel?: (id: string, label: string) => string | undefined;
  readonly group?: (id: string, label: string) => string | undefined;
  /** How a link is written. Default: its label and, in brackets, its target. */
  readonly link?: (target: string, label: string) => string;
}

const entities: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };

/**
 * Slack's mrkdwn as a person reads it: `<@U1>`, `<#C1|general>`, `<https://…|label>` and `<!here>` spelled out, then `&amp;`, `&lt;` and
 * `&gt;` undone, each once. In that order: a bracket that was typed arrives as an entity and must not become markup. Marks of emphasis are left
 * out; a block of code stands between lines of three backticks.
 *
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export function mrkdwnToText(mrkdwn: string, names: MrkdwnNames = {}): string {
  const unmarked = withoutMarks(mrkdwn);
  const spelled = unmarked.includes("<")
    ? unmarked.replaceAll(/<([^<>]+)>/g, (_, inner: string) => spellOut(inner, names))
    : unmarked;
  return spelled.includes("&") ? spelled.replaceAll(/&(?:amp|lt|gt);/g, (entity) => entities[entity] ?? entity) : spelled;
}

function spellOut(inner: string, names: MrkdwnNames): string {
  const bar = inner.indexOf("|");
  const target = bar === -1 ? inner : inner.slice(0, bar);
  const label = bar === -1 ? "" : inner.slice(bar + 1);
  const id = target.slice(1);
  switch (target.charAt(0)) {
    case "@":
      return `@${names.user?.(id, label) ?? (label || id)}`;
    case "#":
      return `#${names.channel?.(id, label) ?? (label || id)}`;
    case "!":
      return special(id, label, names);
    default:
      if (!/^[a-z][a-z0-9+.-]*:/i.test(target)) return `<${inner}>`;
      if (names.link !== undefined) return names.link(target, label);
      return label === "" || label === target || target === `mailto:${label}` ? withoutMailto(target) : `${label} (${target})`;
  }
}

/** `here`, `subteam^S1|@group`, `date^1700000000^{date}|14 Nov 2023`. */
function special(text: string, label: string, names: MrkdwnNames): string {
  const [word, id = ""] = text.split("^");
  if (word === "subteam") return `@${(names.group?.(id, label) ?? (label || id)).replace(/^@/, "")}`;
  return label || (word === "date" ? id : `@${word}`);
}

function withoutMailto(target: string): string {
  return target.replace(/^mailto:/, "");
}
