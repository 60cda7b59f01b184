import { decodeCharset } from "../charset/decode-charset.ts";
import { latin1 } from "../charset/latin1.ts";
import { type MailLimits, mailLimits } from "../mail-limits.ts";
import { type MailHeader, MailHeaders, unfold } from "./mail-headers.ts";

const [tab, lineFeed, carriageReturn, space, colon] = [0x09, 0x0a, 0x0d, 0x20, 0x3a];

/** The headers at the beginning of a mail or of a part, and where what follows them begins. */
export interface HeaderBlock {
  readonly headers: MailHeaders;
  readonly bodyAt: number;
}

/** Reads a block of headers. An empty line, or a line that is no header, ends it. */
export function readHeaders(block: Uint8Array, limits: Partial<MailLimits> = {}): MailHeaders {
  return readHeaderBlock(withLineFeeds(block), { ...mailLimits, ...limits }).headers;
}

const beginning = 64 * 1024;

/** The same bytes, unless all their lines end with a carriage return alone: then with line feeds instead. */
export function withLineFeeds(bytes: Uint8Array): Uint8Array {
  const head = bytes.subarray(0, beginning);
  if (head.includes(lineFeed) || !head.includes(carriageReturn)) return bytes;
  return bytes.map((byte) => (byte === carriageReturn ? lineFeed : byte));
}

/** So much of a mail is looked at as text at first: the headers of nearly every mail end sooner. */
const firstLook = 16 * 1024;

/** Reads the headers in front of a body. */
export function readHeaderBlock(bytes: Uint8Array, { maxHeaders, maxHeaderBytes }: MailLimits): HeaderBlock {
  const text = textOfHeaders(bytes);
  const headers: MailHeader[] = [];
  let at = 0;
  // An mbox puts a line with the sender in front.
  if (text.startsWith("From ")) at = endOfLine(text, 0);
  while (at < text.length) {
    const end = endOfLine(text, at);
    if (isEmptyLine(text, at, end)) return { headers: new MailHeaders(headers), bodyAt: end };
    const nameEnd = endOfName(text, at, end);
    if (nameEnd === undefined) break;
    const valueEnd = endOfFolded(text, end);
    if (headers.length < maxHeaders && at < maxHeaderBytes && nameEnd.end > at) {
      const name = text.slice(at, nameEnd.end).toLowerCase();
      headers.push(new ReadHeader(name, text.slice(nameEnd.colon + 1, Math.min(valueEnd, nameEnd.colon + 1 + maxHeaderBytes))));
    }
    at = valueEnd;
  }
  return { headers: new MailHeaders(headers), bodyAt: at };
}

/** A header whose value is decoded when it is wanted. */
class ReadHeader implements MailHeader {
  readonly name: string;
  readonly #value: string;

  /** @param value Its bytes, as Latin-1. */
  constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  get raw(): string {
    const value = this.#value;
    // Nearly every header is ASCII.
    return unfold(/^[\0-\x7F]*$/.test(value) ? value : decodeCharset(Buffer.from(value, "latin1")));
  }
}

/** Each byte as a character, up to behind the empty line that ends the headers, or all of them. */
function textOfHeaders(bytes: Uint8Array): string {
  const head = latin1(bytes.subarray(0, firstLook));
  return bytes.length <= firstLook || head.includes("\n\n") || head.includes("\n\r\n") ? head : latin1(bytes);
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end === -1 ? text.length : end + 1;
}

function isEmptyLine(text: string, at: number, end: number): boolean {
  const first = text.charCodeAt(at);
  return at === end || first === lineFeed || (first === carriageReturn && text.charCodeAt(at + 1) === lineFeed);
}

/** Behind the lines that continue a header. One with white space alone belongs to it, too. */
function endOfFolded(text: string, from: number): number {
  let end = from;
  while (isBlank(text.charCodeAt(end))) end = endOfLine(text, end);
  return end;
}

/** Where the name of a header ends, and its colon: there may be white space between them. */
function endOfName(text: string, at: number, lineEnd: number): { readonly end: number; readonly colon: number } | undefined {
  let end = at;
  while (end < lineEnd && isNameByte(text.charCodeAt(end))) end += 1;
  let mark = end;
  while (mark < lineEnd && isBlank(text.charCodeAt(mark))) mark += 1;
  return text.charCodeAt(mark) === colon && mark < lineEnd ? { end, colon: mark } : undefined;
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab;
}

function isNameByte(byte: number): boolean {
  return byte > space && byte < 0x7f && byte !== colon;
}
