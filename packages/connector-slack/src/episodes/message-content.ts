import { type Fields, stringField, toFieldsList, toFields } from "@statewave-connectors/connector-sdk/items";
import { channelMention, toPlainText, userMention } from "./plain-text.ts";
import { type Names, noNames } from "../names/names.ts";

/** Real messages nest some five levels; the limit keeps a hostile one off the stack. */
const maxDepth = 20;

/** What a message says: its text, or, when that is empty, what its blocks or attachments hold. Files are not part of it. */
export function wordsOf(message: Fields, names: Names = noNames): string {
  return (
    toPlainText(stringField(message, "text") ?? "", names).trim() ||
    renderAll(message["blocks"], "\n", 0, names) ||
    toFieldsList(message["attachments"])
      .map((attachment) => renderAttachment(attachment, names))
      .filter((text) => text !== "")
      .join("\n")
  );
}

/** What a message says and which files it carries; empty when there is nothing to remember. */
export function contentOf(message: Fields, names: Names = noNames): string {
  const files = toFieldsList(message["files"]).map((file) => {
    const name = stringField(file, "title") ?? stringField(file, "name") ?? stringField(file, "id") ?? "unnamed";
    const type = stringField(file, "pretty_type") ?? stringField(file, "mimetype");
    return `[file: ${name}${type === undefined ? "" : `, ${type}`}]`;
  });
  return [wordsOf(message, names), ...files].filter((part) => part !== "").join("\n");
}

function renderAttachment(attachment: Fields, names: Names): string {
  const fields = toFieldsList(attachment["fields"]).map((field) =>
    [stringField(field, "title"), stringField(field, "value")].filter((part) => part !== undefined).join(": "),
  );
  const parts = [
    stringField(attachment, "pretext"),
    stringField(attachment, "title"),
    stringField(attachment, "text"),
    ...fields,
  ];
  const text = toPlainText(parts.filter((part) => part !== undefined && part !== "").join("\n"), names).trim();
  return (
    text ||
    renderAll(attachment["blocks"], "\n", 0, names) ||
    toPlainText(stringField(attachment, "fallback") ?? "", names).trim()
  );
}

function renderAll(nodes: unknown, separator: string, depth: number, names: Names): string {
  if (depth > maxDepth) return "";
  return toFieldsList(nodes)
    .map((node) => renderNode(node, depth, names))
    .filter((text) => text !== "")
    .join(separator);
}

/** One Block Kit block, text object or rich-text element. https://docs.slack.dev/reference/block-kit/blocks */
function renderNode(node: Fields, depth: number, names: Names): string {
  const text = stringField(node, "text") ?? "";
  switch (node["type"]) {
    case "text":
    case "plain_text":
      return text;
    case "mrkdwn":
      return toPlainText(text, names);
    case "link":
      return text === "" ? (stringField(node, "url") ?? "") : `${text} (${stringField(node, "url") ?? ""})`;
    case "user":
      return userMention(stringField(node, "user_id") ?? "unknown", names);
    case "usergroup":
      return `@${stringField(node, "usergroup_id") ?? "unknown"}`;
    case "channel":
      return channelMention(stringField(node, "channel_id") ?? "unknown", names);
    case "broadcast":
      return `@${stringField(node, "range") ?? "everyone"}`;
    case "emoji":
      return `:${stringField(node, "name") ?? "emoji"}:`;
    case "rich_text_section":
    case "rich_text_quote":
    case "rich_text_preformatted":
      return renderAll(node["elements"], "", depth + 1, names).trim();
    default:
      return renderBlock(node, depth, names);
  }
}

function renderBlock(block: Fields, depth: number, names: Names): string {
  const texts = [block["title"], block["text"]].map((value) => {
    const object = toFields(value);
    return object === undefined ? (typeof value === "string" ? value : "") : renderNode(object, depth + 1, names);
  });
  const parts = [
    ...texts,
    renderAll(block["fields"], "\n", depth + 1, names),
    renderAll(block["elements"], "\n", depth + 1, names),
  ];
  const rendered = parts.filter((part) => part !== "").join("\n");
  return rendered || (stringField(block, "alt_text") ?? "");
}
