import { bufferOf } from "../charset/latin1.ts";
import { decodeHeaderBytes } from "../charset/decode-charset.ts";
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

/** Reads the headers in front of a body. */
export function readHeaderBlock(bytes: Uint8Array, { maxHeaders, maxHeaderBytes }: MailLimits): HeaderBlock {
  const buffer = bufferOf(bytes);
  const headers: MailHeader[] = [];
  let at = 0;
  // An mbox puts a line with the sender in front.
  if (buffer.subarray(0, 5).equals(mboxLine)) at = endOfLine(buffer, 0);
  while (at < buffer.length) {
    const end = endOfLine(buffer, at);
    if (isEmptyLine(buffer, at, end)) return { headers: new MailHeaders(headers), bodyAt: end };
    const nameEnd = endOfName(buffer, at, end);
    if (nameEnd === undefined) break;
    const valueEnd = endOfFolded(buffer, end);
    if (headers.length < maxHeaders && at < maxHeaderBytes && nameEnd.end > at) {
      const name = buffer.toString("latin1", at, nameEnd.end).toLowerCase();
      const value = buffer.subarray(nameEnd.colon + 1, Math.min(valueEnd, nameEnd.colon + 1 + maxHeaderBytes));
      headers.push({ name, raw: unfold(decodeHeaderBytes(value)) });
    }
    at = valueEnd;
  }
  return { headers: new MailHeaders(headers), bodyAt: at };
}

const mboxLine = Buffer.from("From ");

function endOfLine(buffer: Buffer, from: number): number {
  const end = buffer.indexOf(lineFeed, from);
  return end === -1 ? buffer.length : end + 1;
}

function isEmptyLine(buffer: Buffer, at: number, end: number): boolean {
  return at === end || buffer[at] === lineFeed || (buffer[at] === carriageReturn && buffer[at + 1] === lineFeed);
}

/** Behind the lines that continue a header. One with white space alone belongs to it, too. */
function endOfFolded(buffer: Buffer, from: number): number {
  let end = from;
  while (buffer[end] === space || buffer[end] === tab) end = endOfLine(buffer, end);
  return end;
}

/** Where the name of a header ends, and its colon: there may be white space between them. */
function endOfName(buffer: Buffer, at: number, lineEnd: number): { readonly end: number; readonly colon: number } | undefined {
  let end = at;
  while (end < lineEnd && isNameByte(buffer[end] ?? 0)) end += 1;
  let mark = end;
  while (mark < lineEnd && (buffer[mark] === space || buffer[mark] === tab)) mark += 1;
  return buffer[mark] === colon && mark < lineEnd ? { end, colon: mark } : undefined;
}

function isNameByte(byte: number): boolean {
  return byte > space && byte < 0x7f && byte !== colon;
}
