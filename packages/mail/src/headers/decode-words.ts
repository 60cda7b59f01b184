import { isAscii } from "node:buffer";
import { latin1 } from "../charset/latin1.ts";
import { decodeCharset } from "../charset/decode-charset.ts";
import { decodeBase64, decodeQuotedPrintable } from "../parts/transfer-encoding.ts";

/** An encoded word (RFC 2047), or the text between two. */
type Piece = { readonly type: "text"; readonly text: string } | Word;

interface Word {
  readonly type: "word";
  readonly charset: string;
  readonly chunks: Uint8Array[];
}

/**
 * A header's value with its encoded words decoded. Broken words are decoded as far as they can be: with spaces inside, without spaces
 * between, a character in two of them. One that does not end is text.
 */
export function decodeWords(value: string): string {
  const text = unescaped(value);
  if (!text.includes("=?")) return text;
  return joinWords(splitWords(text))
    .map((piece) => (piece.type === "text" ? piece.text : decodeWord(piece)))
    .join("");
}

/** `value` with each run of encoded words as one word of UTF-8, for a reader that decodes by itself. */
export function recodeWords(value: string): string {
  const text = unescaped(value);
  if (!text.includes("=?")) return text;
  return joinWords(splitWords(text))
    .map((piece) => (piece.type === "text" ? piece.text : utf8Word(decodeWord(piece))))
    .join("");
}

/** What Japanese characters begin with. */
const escapes = ["\u001B$B", "\u001B$@"];

/** Japanese programs wrote ISO-2022-JP into headers as it is. Its characters stand between escapes, and all of it is ASCII. */
function unescaped(value: string): string {
  if (!escapes.some((escape) => value.includes(escape))) return value;
  const bytes = Buffer.from(value);
  return isAscii(bytes) ? decodeCharset(bytes, "iso-2022-jp") : value;
}

function decodeWord({ chunks, charset }: Word): string {
  return decodeCharset(Buffer.concat(chunks), charset);
}

function utf8Word(text: string): string {
  return `=?utf-8?B?${Buffer.from(text).toString("base64")}?=`;
}

function splitWords(value: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (let start = value.indexOf("=?"); start !== -1; start = value.indexOf("=?", start + 1)) {
    if (start < from) continue;
    const word = wordAt(value, start);
    if (word === "unended") break;
    if (word === undefined) continue;
    if (start > from) pieces.push({ type: "text", text: value.slice(from, start) });
    pieces.push(word.piece);
    from = word.end;
  }
  return from < value.length ? [...pieces, { type: "text", text: value.slice(from) }] : pieces;
}

/** A charset with a language, which says nothing here, and the encoding. */
const wordStart = /=\?([^?\s]{1,60})\?([bq])\?/iy;

function wordAt(value: string, start: number): { readonly piece: Piece; readonly end: number } | "unended" | undefined {
  wordStart.lastIndex = start;
  const [match, charset = "", encoding = ""] = wordStart.exec(value) ?? [];
  if (match === undefined) return undefined;
  const textStart = start + match.length;
  const textEnd = value.indexOf("?=", textStart);
  if (textEnd === -1) return "unended";
  const text = Buffer.from(value.slice(textStart, textEnd));
  const bytes = encoding.toUpperCase() === "B" ? decodeBase64(text) : decodeQ(text);
  return { piece: { type: "word", charset: charset.split("*", 1)[0] ?? "", chunks: [bytes] }, end: textEnd + 2 };
}

function decodeQ(text: Uint8Array): Uint8Array {
  return decodeQuotedPrintable(Buffer.from(latin1(text).replaceAll("_", " "), "latin1"));
}

/** White space between two words belongs to neither, and words of one charset may share a character. */
function joinWords(pieces: readonly Piece[]): readonly Piece[] {
  const joined: Piece[] = [];
  for (const [index, piece] of pieces.entries()) {
    const last = joined.at(-1);
    if (piece.type === "text") {
      const isBetween = last?.type === "word" && pieces[index + 1]?.type === "word" && piece.text.trim() === "";
      if (!isBetween) joined.push(piece);
    } else if (last?.type === "word" && canJoin(last, piece)) {
      last.chunks.push(...piece.chunks);
    } else joined.push(piece);
  }
  return joined;
}

/** The encodings with states begin anew in each word. */
function canJoin(first: Word, second: Word): boolean {
  const charset = first.charset.toLowerCase();
  return charset === second.charset.toLowerCase() && !/^(?:iso-2022|utf-7|hz)/.test(charset);
}
