import { type Fields, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import type { SlackNames } from "../names/names.ts";
import { textsOfBlocks } from "./blocks.ts";
import { namesOfFiles } from "./files.ts";
import { joined, toPlainText } from "./plain-text.ts";

/** What Slack writes in place of an attachment without text. */
const placeholder = "[no preview available]";

/**
 * What the attachments of a message say: messages that were forwarded, each with its author, and the cards of apps. What Slack shows of a
 * link's page is not the writer's word, and is left out beside a text.
 *
 * @see https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
 */
export function textsOfAttachments(message: Fields, names: SlackNames): readonly string[] {
  const isAlone = stringField(message, "text") === undefined && toFieldsList(message["blocks"]).length === 0;
  const isOfApp = stringField(message, "bot_id") !== undefined;
  return toFieldsList(message["attachments"]).flatMap((attachment) => {
    if (isShared(attachment)) return [sharedMessage(attachment, names)];
    const isPreview = attachment["is_app_unfurl"] === true || stringField(attachment, "from_url") !== undefined;
    const isCard = !isPreview && (isOfApp || toFieldsList(attachment["blocks"]).length > 0);
    return isCard || isAlone ? cardTexts(attachment, names) : [];
  });
}

function isShared(attachment: Fields): boolean {
  return attachment["is_share"] === true || attachment["is_msg_unfurl"] === true;
}

/** A message that was forwarded, or shown below a link to it. */
function sharedMessage(attachment: Fields, names: SlackNames): string {
  const id = stringField(attachment, "author_id");
  const known = id === undefined ? undefined : names.user(id);
  const author = known ?? stringField(attachment, "author_name") ?? stringField(attachment, "author_subname") ?? id ?? "someone";
  const channel = stringField(attachment, "channel_id");
  const place = (channel === undefined ? undefined : names.channel(channel)?.name) ?? stringField(attachment, "channel_name");
  const from = `[from ${author}${place === undefined ? "" : ` in #${place.replace(/^#/, "")}`}]`;
  return joined([from, wordsOfShared(attachment, names)], " ");
}

function wordsOfShared(attachment: Fields, names: SlackNames): string {
  const own = toPlainText(stringField(attachment, "text") ?? "", names).trim();
  const blocks = toFieldsList(attachment["message_blocks"]).flatMap((part) =>
    textsOfBlocks(toFields(part["message"])?.["blocks"], names),
  );
  const words = own || joined(blocks) || joined(textsOfBlocks(attachment["blocks"], names)) || fallbackOf(attachment, names);
  return joined([words, ...namesOfFiles(attachment["files"])]);
}

function cardTexts(attachment: Fields, names: SlackNames): readonly string[] {
  const fields = toFieldsList(attachment["fields"]).map((field) =>
    joined([stringField(field, "title"), stringField(field, "value")], ": "),
  );
  const parts = ["pretext", "author_name", "title", "text"].map((name) => stringField(attachment, name));
  const own = [...parts, ...fields].map((part) => toPlainText(part ?? "", names).trim());
  const texts = [...own, ...textsOfBlocks(attachment["blocks"], names)].filter((text) => text !== "");
  return texts.length > 0 ? texts : [fallbackOf(attachment, names)];
}

function fallbackOf(attachment: Fields, names: SlackNames): string {
  const text = toPlainText(stringField(attachment, "fallback") ?? "", names).trim();
  return text.toLowerCase() === placeholder ? "" : text;
}
