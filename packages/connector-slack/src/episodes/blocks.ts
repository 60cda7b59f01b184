import { type Fields, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import type { SlackNames } from "../names/names.ts";
import { channelMention, joined, toPlainText, userMention } from "./plain-text.ts";

/** Real messages nest some five levels; the limit keeps a hostile one off the stack. */
const maxDepth = 20;

/** What people press or fill in says nothing. */
const controls: ReadonlySet<unknown> = new Set(["actions", "context_actions", "input", "divider"]);

/** What blocks say, each as a text of its own. https://docs.slack.dev/reference/block-kit/blocks */
export function textsOfBlocks(blocks: unknown, names: SlackNames): readonly string[] {
  const shown = toFieldsList(blocks).filter((block) => !controls.has(block["type"]));
  return shown.map((block) => renderNode(block, 0, names)).filter((text) => text !== "");
}

function renderAll(nodes: unknown, separator: string, depth: number, names: SlackNames): string {
  if (depth > maxDepth) return "";
  const texts = toFieldsList(nodes).map((node) => renderNode(node, depth, names));
  return joined(texts, separator);
}

/** One block, text object or rich-text element. */
function renderNode(node: Fields, depth: number, names: SlackNames): string {
  const text = stringField(node, "text") ?? "";
  switch (node["type"]) {
    case "text":
    case "plain_text":
    case "raw_text":
      return text;
    case "mrkdwn":
      return toPlainText(text, names);
    case "link":
      return text === "" ? (stringField(node, "url") ?? "") : `${text} (${stringField(node, "url") ?? ""})`;
    case "user":
      return userMention(stringField(node, "user_id") ?? "unknown", names);
    case "usergroup":
      return groupMention(stringField(node, "usergroup_id"), names);
    case "channel":
      return channelMention(stringField(node, "channel_id") ?? "unknown", names);
    case "broadcast":
      return `@${stringField(node, "range") ?? "everyone"}`;
    case "emoji":
      return `:${stringField(node, "name") ?? "emoji"}:`;
    case "date":
      return stringField(node, "fallback") ?? "";
    case "rich_text_section":
    case "rich_text_quote":
      return renderAll(node["elements"], "", depth + 1, names).trim();
    case "rich_text_preformatted":
      return joined(["```", renderAll(node["elements"], "", depth + 1, names).trim(), "```"]);
    case "table":
      return renderTable(node, depth, names);
    default:
      return renderBlock(node, depth, names);
  }
}

function groupMention(id: string | undefined, names: SlackNames): string {
  return `@${(id === undefined ? undefined : names.group(id)) ?? id ?? "unknown"}`;
}

/** One row a line. @see https://docs.slack.dev/reference/block-kit/blocks/table-block */
function renderTable({ rows }: Fields, depth: number, names: SlackNames): string {
  if (!Array.isArray(rows)) return "";
  const texts = (rows as readonly unknown[]).map((row) => renderAll(row, " | ", depth + 1, names));
  return joined(texts.map((text) => (text === "" ? "" : `| ${text.replaceAll("\n", " ")} |`)));
}

function renderBlock(block: Fields, depth: number, names: SlackNames): string {
  if (depth > maxDepth) return "";
  const texts = [block["title"], block["text"]].map((value) => {
    const object = toFields(value);
    return object === undefined ? (typeof value === "string" ? value : "") : renderNode(object, depth + 1, names);
  });
  const fields = toFieldsList(block["fields"]).map((field) => renderField(field, depth + 1, names));
  const said = joined([...texts, ...fields, renderAll(block["elements"], "\n", depth + 1, names)]);
  return said || (stringField(block, "alt_text") ?? "");
}

/** A field is a name on one line and its value below it: `Severity: SEV-3`. */
function renderField(field: Fields, depth: number, names: SlackNames): string {
  const text = renderNode(field, depth, names).trim();
  const [name = "", ...value] = text.split("\n").map((line) => line.trim());
  return value.length === 1 && value[0] !== "" ? `${name.replace(/:$/, "")}: ${value[0]}` : text;
}
