import { bufferOf } from "../charset/latin1.ts";
import type { MailHeaders } from "../headers/mail-headers.ts";
import { parseParameters } from "../headers/parameters.ts";
import { readHeaderBlock, withLineFeeds } from "../headers/read-headers.ts";
import { type MailLimits, mailLimits } from "../mail-limits.ts";
import type { MailPart } from "./mail-part.ts";
import { decodeTransfer } from "./transfer-encoding.ts";

/** A whole mail: its headers, and its body as a tree of parts. */
export interface MailTree {
  readonly headers: MailHeaders;
  readonly root: MailPart;
}

/** Reads a mail into its parts. Nothing is decoded or copied, and a broken structure is read as far as it holds. */
export function readParts(raw: Uint8Array, limits: Partial<MailLimits> = {}): MailTree {
  const bounds = { ...mailLimits, ...limits };
  return new PartReader(bounds).readMail(withLineFeeds(raw.subarray(0, bounds.maxBytes)), 0);
}

class PartReader {
  readonly #limits: MailLimits;
  #parts = 0;

  constructor(limits: MailLimits) {
    this.#limits = limits;
  }

  readMail(bytes: Uint8Array, depth: number): MailTree {
    const { headers, bodyAt } = readHeaderBlock(bytes, this.#limits);
    return { headers, root: this.#readPart(headers, bytes.subarray(bodyAt), depth, "text/plain") };
  }

  #readPart(headers: MailHeaders, body: Uint8Array, depth: number, defaultType: string): MailPart {
    this.#parts += 1;
    const part = describePart(headers, defaultType);
    if (depth >= this.#limits.maxDepth) return { ...part, content: body };
    if (part.contentType.startsWith("multipart/")) return this.#readMultipart(part, body, depth);
    if (part.contentType !== "message/rfc822" && part.contentType !== "message/global") return { ...part, content: body };
    // A mail within the mail must not be encoded, and sometimes is.
    const mail = this.readMail(decodeTransfer(body, part.encoding), depth + 1);
    return { ...part, sizeBytes: body.length, headers: mail.headers, parts: [mail.root] };
  }

  #readMultipart(part: MailPart, body: Uint8Array, depth: number): MailPart {
    const declared = part.parameters?.["boundary"] ?? "";
    const bodies = splitBody(body, declared) ?? splitBody(body, guessBoundary(body));
    // Without boundaries it is one text, as a reader would be shown it.
    if (bodies === undefined) return { ...part, contentType: "text/plain", content: body };
    const defaultType = part.contentType === "multipart/digest" ? "message/rfc822" : "text/plain";
    const parts: MailPart[] = [];
    for (const each of bodies) {
      if (this.#parts >= this.#limits.maxParts) break;
      const { headers, bodyAt } = readHeaderBlock(each, this.#limits);
      parts.push(this.#readPart(headers, each.subarray(bodyAt), depth + 1, defaultType));
    }
    return { ...part, parts };
  }
}

/** What the headers of a part say about it. */
function describePart(headers: MailHeaders, defaultType: string): MailPart {
  const type = parseParameters(headers.raw("content-type")[0] ?? defaultType);
  const disposition = parseParameters(headers.raw("content-disposition")[0] ?? "");
  const contentType = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9!#$&^_.+-]+$/.test(type.value) ? type.value : "text/plain";
  const contentId = headers.raw("content-id")[0];
  return {
    contentType,
    parameters: type.parameters,
    name: disposition.parameters["filename"] ?? type.parameters["name"] ?? "",
    encoding: headers.raw("content-transfer-encoding")[0] ?? "",
    ...(disposition.value !== "" && { disposition: disposition.value }),
    ...(contentId !== undefined && { contentId }),
  };
}

const [tab, lineFeed, carriageReturn, space, dash] = [0x09, 0x0a, 0x0d, 0x20, 0x2d];
const maxBoundaryLength = 200;

/** What stands between the lines of a boundary; undefined where there is none. What precedes the first and follows the last is no part. */
function splitBody(body: Uint8Array, boundary: string | undefined): readonly Uint8Array[] | undefined {
  if (boundary === undefined || boundary === "" || boundary.length > maxBoundaryLength) return undefined;
  const buffer = bufferOf(body);
  const line = Buffer.from(`--${boundary}`);
  const bodies: Uint8Array[] = [];
  let start: number | undefined;
  // The last line alone: there are no parts.
  let isEnd = false;
  for (let at = buffer.indexOf(line); at !== -1; at = buffer.indexOf(line, at + 1)) {
    if (at > 0 && buffer[at - 1] !== lineFeed) continue;
    const mark = boundaryLineAt(buffer, at + line.length);
    if (mark === undefined) continue;
    if (start !== undefined) bodies.push(buffer.subarray(start, beforeLineEnd(buffer, start, at)));
    isEnd = mark.isLast && start === undefined && isBlank(buffer.subarray(0, at));
    start = mark.isLast ? undefined : mark.end;
    if (mark.isLast) break;
  }
  // The last line is missing where a mail was cut.
  if (start !== undefined) bodies.push(buffer.subarray(start));
  return bodies.length > 0 || isEnd ? bodies : undefined;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === space || byte === tab || byte === carriageReturn || byte === lineFeed);
}

/** The rest of a line behind a boundary: white space, and two dashes on the last one. */
function boundaryLineAt(buffer: Buffer, from: number): { readonly end: number; readonly isLast: boolean } | undefined {
  const isLast = buffer[from] === dash && buffer[from + 1] === dash;
  let at = isLast ? from + 2 : from;
  while (buffer[at] === space || buffer[at] === tab || buffer[at] === carriageReturn) at += 1;
  if (at < buffer.length && buffer[at] !== lineFeed) return undefined;
  return { end: Math.min(at + 1, buffer.length), isLast };
}

/** The line end in front of a boundary belongs to it. */
function beforeLineEnd(buffer: Buffer, start: number, at: number): number {
  let end = Math.max(at - 1, start);
  if (end > start && buffer[end - 1] === carriageReturn) end -= 1;
  return end;
}

/** The first line of a body that looks like a boundary, where the declaration is missing or wrong. */
function guessBoundary(body: Uint8Array): string | undefined {
  const beginning = bufferOf(body.subarray(0, 4096)).toString("latin1");
  const line = beginning.split("\n").find((each) => each.startsWith("--") && each.trim().length > 10);
  return line?.trim().slice(2);
}
