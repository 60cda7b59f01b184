import { isAscii, isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { detachedText } from "./detached-text.ts";
import { latin1 } from "./latin1.ts";
import { decodeUtf7 } from "./utf7.ts";
import { decodeWindows1252 } from "./windows1252.ts";

/** Labels that mails use and the Encoding Standard does not know. */
const aliases: ReadonlyMap<string, string> = new Map([
  ["cp932", "shift_jis"],
  ["shiftjis", "shift_jis"],
  ["cp936", "gbk"],
  ["euccn", "gbk"],
  ["cp949", "euc-kr"],
  ["uhc", "euc-kr"],
  ["cp950", "big5"],
  ["eucjp", "euc-jp"],
  ["cp51932", "euc-jp"],
  ["iso2022jp", "iso-2022-jp"],
  ["iso2022jp1", "iso-2022-jp"],
  ["iso2022jp2", "iso-2022-jp"],
  ["iso2022jp3", "iso-2022-jp"],
  ["iso2022jpms", "iso-2022-jp"],
  ["cp50220", "iso-2022-jp"],
  ["cp50221", "iso-2022-jp"],
  ["cp50222", "iso-2022-jp"],
  ["cp874", "windows-874"],
  ["cp65001", "utf-8"],
  ["utf8mb4", "utf-8"],
  ["unicode11utf7", "utf-7"],
  ["utf7", "utf-7"],
  ["macroman", "macintosh"],
]);

/** What senders declare that have not looked: the bytes say whether it is UTF-8 or Windows-1252. */
const unsure: ReadonlySet<string> = new Set(["windows-1252", "replacement", "x-user-defined"]);

/**
 * Text in a charset, as mails declare it: rightly, wrongly, or by a name that nothing knows. Without a usable declaration it is UTF-8 where
 * it is valid UTF-8, and otherwise Windows-1252.
 *
 * @param isCut Whether `bytes` may end within a character.
 */
export function decodeCharset(bytes: Uint8Array, label = "", isCut = false): string {
  const charset = charsetOf(label);
  const text = charset === "utf-7" ? decodeUtf7(bytes) : decode(bytes, charset, isCut);
  return isCut && text.endsWith("\uFFFD") ? text.slice(0, -1) : text;
}

function decode(bytes: Uint8Array, charset: string | undefined, isCut: boolean): string {
  if (charset === undefined || unsure.has(charset)) {
    if (isAscii(bytes)) return latin1(bytes);
    if (isUtf8(isCut ? withoutLastCharacter(bytes) : bytes)) return decoderOf("utf-8").decode(bytes);
    return decodeWindows1252(bytes);
  }
  if (charset === "utf-8" && isAscii(bytes)) return latin1(bytes);
  const text = decoderOf(inItsOrder(charset, bytes)).decode(bytes);
  return charset === "utf-8" && isMostlyBroken(isCut ? text.slice(0, -1) : text) ? decodeWindows1252(bytes) : text;
}

/** UTF-16 in the order of its bytes that its mark says, whatever its name says. */
function inItsOrder(charset: string, [first, second]: Uint8Array): string {
  if (charset === "utf-16le" && first === 0xfe && second === 0xff) return "utf-16be";
  return charset === "utf-16be" && first === 0xff && second === 0xfe ? "utf-16le" : charset;
}

/** Few labels are in use, but anyone can make up more. */
const mostLabels = 200;
const charsets = new Map<string, string | undefined>();

/** The name that the Encoding Standard has for a label. */
function charsetOf(label: string): string | undefined {
  if (label.length > 64) return undefined;
  if (charsets.has(label)) return charsets.get(label);
  if (charsets.size >= mostLabels) charsets.clear();
  const charset = findCharset(label.trim().toLowerCase());
  charsets.set(detachedText(label), charset);
  return charset;
}

function findCharset(written: string): string | undefined {
  const plain = written.replace(/^(?:x-|cs)/, "").replaceAll(/[-_ ]/g, "");
  const codePage = plain.replace(/^(?:windows|ms|ibm)(?=\d)/, "cp");
  for (const candidate of [written, aliases.get(plain), aliases.get(codePage), plain.replace(/^cp(?=125\d$)/, "windows-")]) {
    if (candidate === "utf-7") return candidate;
    const known = knownCharset(candidate);
    if (known !== undefined) return known;
  }
  return undefined;
}

function knownCharset(label = ""): string | undefined {
  if (label === "") return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    // Neither a label of the standard nor an encoding that this Node has.
    return undefined;
  }
}

const decoders = new Map<string, TextDecoder>();

/** One for each charset of the Encoding Standard: making one takes longer than reading most mails with it. */
function decoderOf(charset: string): TextDecoder {
  const known = decoders.get(charset);
  if (known !== undefined) return known;
  const decoder = new TextDecoder(charset);
  decoders.set(charset, decoder);
  return decoder;
}

/** Whether more characters are broken than whole: what a sender calls UTF-8 is then something else. */
function isMostlyBroken(text: string): boolean {
  if (!text.includes("\uFFFD")) return false;
  let broken = 0;
  let whole = 0;
  for (const character of text) {
    if (character === "\uFFFD") broken += 1;
    else if (character > "\u007F") whole += 1;
  }
  return broken > whole;
}

/** `bytes` without the beginning of a character of UTF-8 at their end. */
function withoutLastCharacter(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes.length - end < 3 && ((bytes[end - 1] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return (bytes[end - 1] ?? 0) >= 0b1100_0000 ? bytes.subarray(0, end - 1) : bytes;
}
