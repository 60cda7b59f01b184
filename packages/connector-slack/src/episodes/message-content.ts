import { type Fields, stringField } from "@statewave-connectors/connector-sdk/items";
import { oneLine, shorten } from "@statewave-connectors/connector-sdk/text";
import { textsOfAttachments } from "./attachments.ts";
import { textsOfBlocks } from "./blocks.ts";
import { namesOfFiles } from "./files.ts";
import { joined, toPlainText } from "./plain-text.ts";
import { type SlackNames, noNames } from "../names/names.ts";

/** A text whose words are known to this part says nothing new. */
const knownPart = 0.8;

/**
 * What a message says: its text, and what its blocks and attachments add to it. The text of an app's card is often no more than a
 * notification, and that of a person has no tables. Files are not part of it.
 */
export function wordsOf(message: Fields, names: SlackNames = noNames): string {
  const text = toPlainText(stringField(message, "text") ?? "", names).trim();
  const more = [...textsOfBlocks(message["blocks"], names), ...textsOfAttachments(message, names)];
  return more.length === 0 ? text : joined([text, ...newTexts(text, more)]).trim();
}

/** What a message says and which files it carries; empty when there is nothing to remember. */
export function contentOf(message: Fields, names: SlackNames = noNames): string {
  return joined([wordsOf(message, names), ...namesOfFiles(message["files"])]);
}

/** The first words of what a message says on one line. */
export function beginningOf(content: string, maxLength: number): string {
  return shorten(oneLine(content.replaceAll("```", " ")), maxLength);
}

/** Blocks repeat the text of a message in another form. */
function newTexts(text: string, more: readonly string[]): readonly string[] {
  if (text === "" || more.length === 0) return more;
  const known = wordsIn(text);
  return more.filter((each) => {
    const words = [...wordsIn(each)];
    return words.filter((word) => known.has(word)).length < knownPart * words.length;
  });
}

function wordsIn(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}
