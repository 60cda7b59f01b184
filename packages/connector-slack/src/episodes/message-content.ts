import { type Fields, stringField, toFieldsList, toFields } from "@statewave-connectors/connector-sdk/items";
import { channelMention, joined, toPlainText, userMention } from "./plain-text.ts";
import { type Names, noNames } from "../names/names.ts";

/** Real messages nest some five levels; the limit keeps a hostile one off the stack. */
const maxDepth = 20;

/** What a message says: its text, or, when that is empty, what its blocks or attachments hold. Files are not part of it. */
export function wordsOf(message: Fields, names: Names = noNames): string {
  return (
    toPlainText(stringField(message, "text") ?? "", names).trim() ||
    renderAll(message["blocks"], "\n", 0, names) ||
    joined(toFieldsList(message["attachments"]).map((attachment) => renderAttachment(attachment, names)))
  );
}

/** What a message says and which files it carries; empty when there is nothing to remember. */
export function contentOf(message: Fields, names: Names = noNames): string {
  const files = toFieldsList(message["files"]).map((file) => {
    const name = stringField(file, "title") ?? stringField(file, "name") ?? stringField(file, "id") ?? "unnamed";
    const type = stringField(file, "pretty_type") ?? stringField(file, "mimetype");
    return `[file: ${name}${type === undefined ? "" : `, ${type}`}]`;
  });
  return joined([wordsOf(message, names), ...files]);
}

function renderAttachment(attachment: Fields, names: Names): string {
  const fields = toFieldsList(attachment["fields"]).map((field) =>
    joined([stringField(field, "title"), stringField(field, "value")], ": "),
  );
  const parts = ["pretext", "title", "text"].map((name) => stringField(attachment, name));
  const text = toPlainText(joined([...parts, ...fields]), names).trim();
  return (
    text ||
    renderAll(attachment["blocks"], "\n", 0, names) ||
    toPlainText(stringField(attachment, "fallback") ?? "", names).trim()
  );
}

function renderAll(nodes: unknown, separator: string, depth: number, names: Names): string {
  if (depth > maxDepth) return "";
  const texts = toFieldsList(nodes).map((node) => renderNode(node, depth, names));
  return joined(texts, separator);
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
  const lists = [block["fields"], block["elements"]].map((list) => renderAll(list, "\n", depth + 1, names));
  return joined([...texts, ...lists]) || (stringField(block, "alt_text") ?? "");
}
