import { shorten } from "@statewave-connectors/connector-sdk/text";
import { findBlocks, isQuoted, type ReplyBlock } from "./reply-blocks.ts";
import { withoutSignature } from "./signature.ts";

/** What is left out of a mail's text. */
export interface TrimOptions {
  /** The mails that it quotes. Default: true. */
  readonly quotes?: boolean | undefined;
  /** The signature, and what programs put in its place. Default: true. */
  readonly signature?: boolean | undefined;
  /** Whether the mail passes another one on, as its subject says: then that one is content. Default: false. */
  readonly isForward?: boolean | undefined;
}

/** So much of a quote stays in front of an answer to it. */
const maxQuoteLines = 3;
const maxQuoteLength = 300;

/**
 * A mail's own words. Of a quote that is answered below it, the end stays, with `>` in front. A forwarded mail is content, and a mail without
 * words of its own keeps those that it quotes.
 */
export function trimReply(text: string, { quotes = true, signature = true, isForward = false }: TrimOptions = {}): string {
  if (!quotes && !signature) return text.trim();
  const blocks = findBlocks(text, isForward).map((block) => ({ ...block, words: wordsOf(block, signature) }));
  const lastOwn = blocks.findLastIndex(({ kind, words }) => kind === "own" && words !== "");
  if (lastOwn === -1) return text.trim();
  const kept = blocks.map(({ kind, lines, words }, index) => {
    if (kind !== "quote" || !quotes) return words;
    return index < lastOwn ? endOfQuote(lines) : "";
  });
  return kept.filter((words) => words !== "").join("\n\n");
}

function wordsOf({ kind, lines }: ReplyBlock, isTrimmed: boolean): string {
  return (kind === "own" && isTrimmed ? withoutSignature(lines) : lines).join("\n").trim();
}

/** The last lines of what is answered below, without what it quotes itself. */
function endOfQuote(lines: readonly string[]): string {
  const quoted = lines.filter((line) => isQuoted(line)).map((line) => line.trimStart().slice(1).trim());
  const words = quoted.filter((line) => line !== "" && !line.startsWith(">"));
  const kept: string[] = [];
  let room = maxQuoteLength;
  for (const line of words.slice(-maxQuoteLines).toReversed()) {
    if (line.length > room && kept.length > 0) break;
    kept.unshift(`> ${shorten(line, room)}`);
    room -= line.length;
    if (room <= 0) break;
  }
  return (kept.length < words.length ? ["> […]", ...kept] : kept).join("\n");
}
