import { decodeCharset } from "../charset/decode-charset.ts";
import { bufferOf, latin1 } from "../charset/latin1.ts";
import { type MailLimits, mailLimits } from "../mail-limits.ts";
import { type HeaderLines, type MailHeader, MailHeaders, unfold } from "./mail-headers.ts";

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
  const block = new BlockLines(bytes, text, maxHeaderBytes);
  let at = 0;
  // An mbox puts a line with the sender in front.
  if (text.startsWith("From ")) at = endOfLine(text, 0);
  while (at < text.length) {
    const end = endOfLine(text, at);
    if (isEmptyLine(text, at, end)) return { headers: new MailHeaders(block), bodyAt: end };
    const nameEnd = endOfName(text, at, end);
    const mark = nameEnd === undefined ? -1 : colonBehind(text, nameEnd, end);
    if (nameEnd === undefined || mark === -1) break;
    const valueEnd = endOfFolded(text, end);
    if (block.count < maxHeaders && at < maxHeaderBytes && nameEnd > at) block.add(at, nameEnd, mark + 1, valueEnd);
    at = valueEnd;
  }
  return { headers: new MailHeaders(block), bodyAt: at };
}

const none: readonly string[] = [];

/** Numbers that are kept of a header: where its name begins and ends, and its value. */
const perHeader = 4;

/**
 * The headers of a block. Only their places are kept: few of them are ever read. Values are read from the bytes, because a part of a text
 * keeps the whole text in memory.
 */
class BlockLines implements HeaderLines {
  readonly #bytes: Buffer;
  readonly #text: string;
  readonly #maxValueLength: number;
  readonly #places: number[] = [];
  /** Where the headers of a name begin among the places. */
  #indexes: ReadonlyMap<string, readonly number[]> | undefined;

  /** @param text Each byte as a character. */
  constructor(bytes: Uint8Array, text: string, maxValueLength: number) {
    this.#bytes = bufferOf(bytes);
    this.#text = text;
    this.#maxValueLength = maxValueLength;
  }

  get count(): number {
    return this.#places.length / perHeader;
  }

  add(nameAt: number, nameEnd: number, valueAt: number, valueEnd: number): void {
    this.#places.push(nameAt, nameEnd, valueAt, Math.min(valueEnd, valueAt + this.#maxValueLength));
  }

  get all(): readonly MailHeader[] {
    return Array.from({ length: this.count }, (_, index) => {
      const [nameAt = 0, nameEnd = 0] = this.#places.slice(index * perHeader);
      return { name: this.#text.slice(nameAt, nameEnd).toLowerCase(), raw: this.#valueAt(index * perHeader) };
    });
  }

  valuesOf(name: string): readonly string[] {
    this.#indexes ??= this.#indexesByName();
    return this.#indexes.get(name)?.map((index) => this.#valueAt(index)) ?? none;
  }

  /** Most of the names that are looked up are those of headers that a mail does not have. */
  #indexesByName(): ReadonlyMap<string, readonly number[]> {
    const places = this.#places;
    const byName = new Map<string, number[]>();
    for (let index = 0; index < places.length; index += perHeader) {
      const name = this.#text.slice(places[index], places[index + 1]).toLowerCase();
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [index]);
      else known.push(index);
    }
    return byName;
  }

  #valueAt(index: number): string {
    const [valueAt = 0, valueEnd = 0] = [this.#places[index + 2], this.#places[index + 3]];
    const value = this.#bytes.toString("latin1", valueAt, valueEnd);
    // Nearly every header is ASCII.
    return unfold(/^[\0-\x7F]*$/.test(value) ? value : decodeCharset(this.#bytes.subarray(valueAt, valueEnd)));
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

/** Where the name of a header ends; undefined for a line that ends with the name. */
function endOfName(text: string, at: number, lineEnd: number): number | undefined {
  let end = at;
  while (end < lineEnd && isNameByte(text.charCodeAt(end))) end += 1;
  return end < lineEnd ? end : undefined;
}

/** Where the colon behind a name is: there may be white space between them. -1 when there is none. */
function colonBehind(text: string, nameEnd: number, lineEnd: number): number {
  let mark = nameEnd;
  while (mark < lineEnd && isBlank(text.charCodeAt(mark))) mark += 1;
  return mark < lineEnd && text.charCodeAt(mark) === colon ? mark : -1;
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab;
}

function isNameByte(byte: number): boolean {
  return byte > space && byte < 0x7f && byte !== colon;
}
