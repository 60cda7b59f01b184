import { oneLine, shorten } from "@statewave-connectors/connector-sdk/text";
import { addressesOf, formatAddress } from "../headers/addresses.ts";
import type { MailHeaders } from "../headers/mail-headers.ts";
import { readHeaders } from "../headers/read-headers.ts";
import type { MailAttachment } from "../mail.ts";
import { type MailLimits, mailLimits } from "../mail-limits.ts";
import { readTextPart } from "../parts/decode-text-part.ts";
import { isMail, isText, type MailPart } from "../parts/mail-part.ts";
import { decodedSize, decodeTransfer } from "../parts/transfer-encoding.ts";
import { noteOf, unreadable } from "./protection.ts";

/** What a mail says, without its headers. */
export interface MailBody {
  readonly text: string;
  readonly attachments: readonly MailAttachment[];
}

/** A longer plain text is no empty one: its alternative need not be read. */
const maxEmptyBytes = 256;
const maxNameLength = 255;
const maxAttachments = 200;

/** Reads the parts of a mail as a reader would be shown them. A part whose content is absent says nothing. */
export function readBody(root: MailPart, limits: MailLimits): MailBody {
  const reading = new BodyReading(limits);
  reading.take(root, { isOnly: true, mailsAround: 0 });
  return reading.result();
}

/** The parts whose content {@link readBody} reads: all that a reader of a large mail has to fetch. */
export function partsToRead(root: MailPart, { maxForwards }: Pick<MailLimits, "maxForwards"> = mailLimits): readonly MailPart[] {
  return wantedIn(root, { isOnly: true, mailsAround: 0 });

  function wantedIn(part: MailPart, place: Place): readonly MailPart[] {
    const { contentType, parts } = part;
    if (parts === undefined) return isText(part, place.isOnly) || reports.has(contentType) ? [part] : [];
    if (isMail(part)) {
      if (place.mailsAround >= maxForwards) return [];
      return parts.flatMap((each) => wantedIn(each, { isOnly: true, mailsAround: place.mailsAround + 1 }));
    }
    if (contentType === "multipart/encrypted") return [];
    const isChoice = contentType === "multipart/alternative" || contentType === "multipart/related";
    const inside = { ...place, isOnly: isChoice || (place.isOnly && parts.length === 1) };
    const wanted = contentType === "multipart/alternative" ? wantedAlternatives(parts) : parts;
    return wanted.flatMap((each) => wantedIn(each, inside));
  }
}

function wantedAlternatives(parts: readonly MailPart[]): readonly MailPart[] {
  const plain = plainOf(parts);
  if (plain === undefined || sizeOf(plain) <= maxEmptyBytes) return parts;
  return parts.filter((part) => part === plain || part.contentType === "text/calendar");
}

const reports: ReadonlySet<string> = new Set([
  "message/delivery-status",
  "message/global-delivery-status",
  "message/disposition-notification",
  "text/rfc822-headers",
]);

function sizeOf({ content, sizeBytes }: MailPart): number {
  return content?.length ?? sizeBytes ?? Infinity;
}

/** The plain text among alternatives, or the multipart that holds it. */
function plainOf(parts: readonly MailPart[]): MailPart | undefined {
  return parts.find(({ contentType }) => contentType === "text/plain") ?? parts.find((part) => holdsPlain(part));
}

function holdsPlain({ contentType, parts = [] }: MailPart): boolean {
  return contentType.startsWith("multipart/") && parts.some((part) => part.contentType === "text/plain" || holdsPlain(part));
}

interface Place {
  /** Whether the part is the whole mail, or all that its multipart shows. */
  readonly isOnly: boolean;
  readonly mailsAround: number;
}

class BodyReading {
  readonly #limits: MailLimits;
  readonly #texts: string[] = [];
  readonly #attachments: MailAttachment[] = [];
  #hasCalendar = false;

  constructor(limits: MailLimits) {
    this.#limits = limits;
  }

  result(): MailBody {
    return { text: this.#texts.filter((text) => text !== "").join("\n\n"), attachments: this.#attachments };
  }

  take(part: MailPart, place: Place): void {
    const type = part.contentType;
    if (type.startsWith("multipart/") && part.parts !== undefined) this.#takeMultipart(part, part.parts, place);
    else if (isMail(part) && part.parts !== undefined) this.#takeMail(part, place);
    else if (type === "text/calendar" && part.disposition !== "attachment") this.#takeCalendar(part);
    else if (isText(part, place.isOnly)) this.#texts.push(this.#textOf(part));
    else if (isSmime(type)) this.#takeSmime(part);
    else this.#attach(part);
  }

  #takeMultipart({ contentType, parameters = {} }: MailPart, parts: readonly MailPart[], place: Place): void {
    const inside = { ...place, isOnly: false };
    switch (contentType) {
      case "multipart/alternative":
        return this.#takeAlternative(parts, inside);
      case "multipart/related":
        return this.#takeRelated(parts, parameters["start"], inside);
      case "multipart/encrypted": {
        const isPgp = !(parameters["protocol"] ?? "").toLowerCase().includes("pkcs7");
        this.#texts.push(isPgp ? unreadable.pgpEncrypted : unreadable.smimeEncrypted);
        return undefined;
      }
      case "multipart/report":
        return this.#takeReport(parts, inside);
      default:
        for (const part of parts) this.take(part, { ...place, isOnly: place.isOnly && parts.length === 1 });
        return undefined;
    }
  }

  /** One of the alternatives says what all say; only a calendar and files beside it say more. */
  #takeAlternative(parts: readonly MailPart[], place: Place): void {
    const plain = plainOf(parts);
    const rich = parts.findLast((part) => part !== plain && isReadable(part));
    const before = this.#texts.length;
    if (plain !== undefined) this.take(plain, { ...place, isOnly: true });
    const isEmpty = this.#texts.slice(before).every((text) => text.trim() === "");
    if (isEmpty && rich !== undefined) this.take(rich, { ...place, isOnly: true });
    for (const part of parts) {
      if (part === plain || part === rich) continue;
      if (part.contentType === "text/calendar" || !(isReadable(part) || part.contentType.startsWith("text/")))
        this.take(part, place);
    }
    // The files of the alternative that was not chosen are files of the mail all the same.
    if (!isEmpty && rich?.parts !== undefined) this.#takeFiles(rich.parts);
  }

  #takeFiles(parts: readonly MailPart[]): void {
    for (const part of parts) {
      if (part.parts !== undefined && !isMail(part)) this.#takeFiles(part.parts);
      else if (!isText(part) && !isPicture(part)) this.#attach(part);
    }
  }

  /** Pictures that belong to the text are no files of their own. */
  #takeRelated(parts: readonly MailPart[], start: string | undefined, place: Place): void {
    const root = parts.find(({ contentId }) => start !== undefined && contentId?.trim() === start.trim()) ?? parts[0];
    for (const part of parts) {
      if (part === root) this.take(part, { ...place, isOnly: true });
      else if (!isPicture(part)) this.take(part, place);
    }
  }

  #takeReport(parts: readonly MailPart[], place: Place): void {
    const details = parts.slice(1);
    const said = details.map((part) => this.#reportOf(part)).filter((line) => line !== "");
    const original = details.find((part) => isMail(part) || part.contentType === "text/rfc822-headers");
    if (said.length === 0) {
      for (const part of parts) this.take(part, place);
      return;
    }
    const about = this.#subjectOf(original);
    this.#texts.push([...said, ...(about === "" ? [] : [`The mail: ${about}`])].join("\n"));
  }

  #reportOf(part: MailPart): string {
    return part.contentType === "text/rfc822-headers" || !reports.has(part.contentType) ? "" : this.#textOf(part);
  }

  #subjectOf(part: MailPart | undefined): string {
    if (part?.headers !== undefined) return shorten(part.headers.get("subject") ?? "", maxNameLength);
    if (part?.content === undefined) return "";
    const headers = readHeaders(decodeTransfer(part.content.subarray(0, this.#limits.maxHeaderBytes), part.encoding));
    return shorten(headers.get("subject") ?? "", maxNameLength);
  }

  #takeCalendar(part: MailPart): void {
    // Alternatives and copies of one event say the same.
    if (this.#hasCalendar) return;
    this.#hasCalendar = true;
    this.#texts.push(this.#textOf(part));
  }

  #takeMail(part: MailPart, { mailsAround }: Place): void {
    const [root] = part.parts ?? [];
    if (root === undefined || mailsAround >= this.#limits.maxForwards) return this.#attach(part);
    const before = this.#texts.length;
    this.take(root, { isOnly: true, mailsAround: mailsAround + 1 });
    const words = this.#texts.splice(before).filter((text) => text !== "");
    this.#texts.push([forwardHead(part.headers), ...words].join("\n\n"));
    return undefined;
  }

  /** Of encrypted content nothing but its type is needed, which a server says without sending it. */
  #takeSmime(part: MailPart): void {
    const note = this.#textOf({ ...part, content: part.content ?? new Uint8Array() });
    if (note === "") this.#attach(part);
    else this.#texts.push(note);
  }

  #textOf({ contentType, parameters = {}, encoding, content, isCut }: MailPart): string {
    if (content === undefined) return "";
    return readTextPart(content, {
      type: contentType,
      parameters,
      encoding,
      isCut,
      maxBytes: this.#limits.maxTextBytes,
    });
  }

  #attach(part: MailPart): void {
    if (this.#attachments.length >= maxAttachments) return;
    const { contentType, encoding, content, sizeBytes } = part;
    const name = shorten(oneLine(part.name ?? ""), maxNameLength) || (isMail(part) ? nameOfMail(part.headers) : "");
    const note = noteOf(contentType, name);
    this.#attachments.push({
      name,
      contentType,
      sizeBytes: content === undefined ? decodedSize(sizeBytes ?? 0, encoding) : exactSize(content, encoding),
      ...(note !== undefined && { note }),
    });
  }
}

function isReadable(part: MailPart): boolean {
  if (part.contentType === "text/calendar") return false;
  return isText(part) || (part.contentType.startsWith("multipart/") && (part.parts ?? []).some((each) => isReadable(each)));
}

/** A picture that the text shows, such as a logo. */
function isPicture({ contentType, disposition, contentId }: MailPart): boolean {
  return contentType.startsWith("image/") && disposition !== "attachment" && contentId !== undefined;
}

function isSmime(contentType: string): boolean {
  return contentType === "application/pkcs7-mime" || contentType === "application/x-pkcs7-mime";
}

function nameOfMail(headers: MailHeaders | undefined): string {
  return shorten(headers?.get("subject") ?? "", maxNameLength);
}

/** Read by `trimReply`, which keeps what follows: a forwarded mail is no quote. */
function forwardHead(headers: MailHeaders | undefined): string {
  const from =
    headers === undefined
      ? []
      : addressesOf(headers, "from")
          .slice(0, 3)
          .map((address) => formatAddress(address));
  const lines = [
    ["From", from.join(", ")],
    ["Date", headers?.get("date") ?? ""],
    ["Subject", headers?.get("subject") ?? ""],
  ].filter(([, value]) => value !== "");
  const said = lines.map(([name, value = ""]) => `${name}: ${shorten(value, maxNameLength)}`);
  return ["---------- Forwarded message ----------", ...said].join("\n");
}

/** Of content that lies in memory: decoding it would copy it. */
function exactSize(content: Uint8Array, encoding = ""): number {
  if (!/base64/i.test(encoding)) {
    return /quoted-printable/i.test(encoding) ? decodeTransfer(content, encoding).length : content.length;
  }
  let characters = 0;
  for (const byte of content) {
    const isLetter = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
    if (isLetter || byte === 0x2b || byte === 0x2f) characters += 1;
  }
  return Math.floor((characters * 3) / 4);
}
