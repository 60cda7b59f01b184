import { type Fields, stringField, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { oneLine } from "@statewave-connectors/connector-sdk/text";
import { type SlackNames, noNames } from "../names/names.ts";
import { wordsOf } from "./message-content.ts";
import type { Occurrence, SkipReason } from "./occurrence.ts";
import { hasReplies } from "./thread.ts";

/** Which messages an entry leaves out. */
export interface NoiseOptions {
  readonly include_bots: boolean;
  /** Characters; shorter messages are left out. */
  readonly min_length: number;
}

/** Names have lengths of their own, and may be unknown. */
export const nameless: SlackNames = {
  ...noNames,
  user: () => "",
  group: () => "",
  channel: () => ({ conversation: "channel", name: "" }),
};

/**
 * Why a message is left out. It is judged by itself, so that push and pull judge alike. What has files or replies is never left out, and
 * what was edited is not left out for its length.
 */
export function noiseReason({ action, message, previous, ts }: Occurrence, options: NoiseOptions): SkipReason | undefined {
  const versions = previous === undefined ? [message] : [message, previous];
  if (versions.some((each) => toFieldsList(each["files"]).length > 0 || hasReplies(each, ts))) return undefined;
  if (!options.include_bots && stringField(message, "bot_id") !== undefined) return "from_a_bot";
  if (options.min_length <= 0) return undefined;
  // Of a deleted message the words may be unknown.
  const isJudged = action === "posted" || (action === "deleted" && stringField(message, "text") !== undefined);
  return isJudged && lengthOf(message) < options.min_length ? "too_short" : undefined;
}

/** The characters of a message without mentions and emoji. */
function lengthOf(message: Fields): number {
  const words = wordsOf(message, nameless)
    .replaceAll(/(?<![\p{L}\p{N}]):[a-z0-9_+'-]+:/gu, " ")
    .replaceAll(/\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200D|\uFE0F/gu, " ")
    .replaceAll(/(?<=^|\s)[@#](?=\s|$)/g, " ");
  return Array.from(oneLine(words)).length;
}
