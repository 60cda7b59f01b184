import { isUtf8 } from "node:buffer";

/** How the bytes of a document are read. `windows-1252` holds Latin-1; what is UTF-8 in such a document is read as that. */
export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** Why bytes are not read as text. */
export type NoText = "binary" | "unknown_encoding";

/** How bytes are read as text: by their byte order mark, else by what they hold. */
export function detectEncoding(bytes: Uint8Array): Encoding | NoText {
  const marked = markedEncoding(bytes);
  if (marked === "utf-32") return "unknown_encoding";
  if (marked !== undefined) return isValid(marked, bytes) ? textOrBinary(marked, bytes) : "unknown_encoding";
  if (bytes.includes(0)) return isUnmarkedUtf16(bytes) ? "unknown_encoding" : "binary";
  if (isUtf8(bytes)) return textOrBinary("utf-8", bytes);
  return isLatin(bytes) ? textOrBinary("windows-1252", bytes) : textOrBinary("unknown_encoding", bytes);
}

/** The text of bytes, without a byte order mark. */
export function decodeAs(encoding: Encoding, bytes: Uint8Array): string {
  return encoding === "windows-1252" ? decodeLatin(bytes) : new TextDecoder(encoding).decode(bytes);
}

function markedEncoding([first, second, third, fourth]: Uint8Array): "utf-16le" | "utf-16be" | "utf-32" | undefined {
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? "utf-32" : "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return first === 0 && second === 0 && third === 0xfe && fourth === 0xff ? "utf-32" : undefined;
}

function isValid(encoding: Encoding, bytes: Uint8Array): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Of a text, how much may be control characters. */
const maxControlShare = 0.05;

function textOrBinary<Result extends Encoding | NoText>(result: Result, bytes: Uint8Array): Result | "binary" {
  const isWide = result === "utf-16le" || result === "utf-16be";
  const units = isWide ? Array.from(decodeAs(result, bytes), (character) => character.charCodeAt(0)) : bytes;
  let controls = 0;
  for (const unit of units) if (isControl(unit)) controls += 1;
  return controls > units.length * maxControlShare ? "binary" : result;
}

/** Tab, line breaks, form feed and escape (colours of a terminal) belong to texts. */
function isControl(unit: number): boolean {
  return unit === 0x7f || (unit < 0x20 && !(unit >= 0x09 && unit <= 0x0d) && unit !== 0x1b);
}

/** Every second byte of Latin text in UTF-16 is NUL. */
function isUnmarkedUtf16(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, 256);
  const nulsAt = (parity: number) => head.filter((byte, at) => at % 2 === parity && byte === 0).length;
  const [even, odd] = [nulsAt(0), nulsAt(1)];
  return Math.min(even, odd) === 0 && Math.max(even, odd) > head.length / 4;
}

/** Windows-1252 from 0x80 on; U+FFFD for bytes that it gives no character. */
const windows1252 = "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ";

/** Words of Western languages have no four accented letters in a row; those of other scripts in other encodings do. */
const maxStrayRun = 3;
const maxStrayShare = 0.3;

/** Whether the bytes that are not UTF-8 can be letters of Western languages and typographic marks. */
function isLatin(bytes: Uint8Array): boolean {
  let [count, run] = [0, 0];
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    run = length === 0 ? run + 1 : 0;
    if (length === 0) count += 1;
    if (run > maxStrayRun || (length === 0 && latinCharacter(bytes[at] ?? 0) === "\uFFFD")) return false;
    at += Math.max(length, 1);
  }
  return count < 20 || count <= bytes.length * maxStrayShare;
}

function decodeLatin(bytes: Uint8Array): string {
  const utf8 = new TextDecoder();
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    if (length === 0) {
      parts.push(utf8.decode(bytes.subarray(from, at)), latinCharacter(bytes[at] ?? 0));
      from = at + 1;
    }
    at += Math.max(length, 1);
  }
  return [...parts, utf8.decode(bytes.subarray(from))].join("");
}

function latinCharacter(byte: number): string {
  return byte >= 0x80 && byte <= 0x9f ? windows1252.charAt(byte - 0x80) : String.fromCharCode(byte);
}

/** The bytes of the UTF-8 character that begins here; 0 when none does. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  const character = bytes.subarray(at, at + length);
  return length > 0 && character.length === length && isUtf8(character) ? length : 0;
}
