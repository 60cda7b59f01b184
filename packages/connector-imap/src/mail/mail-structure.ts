import { isMail, type MailHeaders, type MailPart, partsToRead, readParts } from "@statewave-connectors/mail";
import type { MessageStructureObject } from "imapflow";

/** A part of a mail as a server describes it, and where it lies. */
export interface ImapPart extends MailPart {
  /** What FETCH calls it: `1.2`. */
  readonly section: string;
  readonly parts?: readonly ImapPart[];
}

/** What is read of a part. */
export type SectionContents = ReadonlyMap<string, Uint8Array>;

/** Deeper parts, and those beyond the number, are left out. */
const maxDepth = 20;
const maxParts = 500;

/** The body of a mail as it stands. */
const wholeBody = "TEXT";

/** A mail whose parts the server does not know: it answers NIL where it cannot read a mail. */
export const unknownStructure: ImapPart = { section: wholeBody, contentType: "text/plain" };

/** An invalid type counts as text/plain (RFC 2045, 5.2). */
const typeForm = /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9!#$&^_.+-]+$/;

/** Of a mail within the mail, which must not be encoded and sometimes is: servers look for its parts in what stands there. */
const encodedForm = /^(?:base64|quoted-printable)$/i;

/**
 * The parts of a mail by its BODYSTRUCTURE. If the server finds no content in the parts, the raw body: servers do not read beyond a boundary
 * that is missing or wrong.
 */
export function toImapPart(structure: MessageStructureObject): ImapPart {
  let count = 0;
  const convert = (node: MessageStructureObject, section: string, depth: number): ImapPart => {
    count += 1;
    const { type, parameters, encoding, size, disposition, dispositionParameters, id, childNodes } = node;
    const name = dispositionParameters?.["filename"] ?? parameters?.["name"];
    const isOpaque = isMail({ contentType: type }) && encodedForm.test(encoding ?? "");
    const children = depth >= maxDepth || isOpaque ? [] : (childNodes ?? []);
    const parts: ImapPart[] = [];
    for (const [at, child] of children.entries()) {
      if (count >= maxParts) break;
      parts.push(convert(child, isMultipart(node) ? within(section, at + 1) : bodySection(child, section), depth + 1));
    }
    return {
      section,
      contentType: typeForm.test(type) ? type : "text/plain",
      ...(parameters !== undefined && { parameters }),
      ...(name !== undefined && { name }),
      ...(encoding !== undefined && { encoding }),
      ...(size !== undefined && { sizeBytes: size }),
      ...(disposition !== undefined && disposition !== "" && { disposition }),
      ...(id !== undefined && { contentId: id }),
      ...(childNodes !== undefined && !isOpaque && { parts }),
    };
  };
  const root = convert(structure, bodySection(structure, ""), 0);
  return root.parts !== undefined && isEmpty(root) ? { section: wholeBody, contentType: root.contentType } : root;
}

function isEmpty({ parts, sizeBytes }: ImapPart): boolean {
  return parts === undefined ? sizeBytes === 0 : parts.every((part) => isEmpty(part));
}

/** Whether the mail is read from its body as it stands, and not by its parts. */
export function isReadWhole({ section }: ImapPart): boolean {
  return section === wholeBody;
}

/** The body of a mail has a number of its own only where it is no multipart: RFC 9051 §6.4.5.1. */
function bodySection(body: MessageStructureObject, mailSection: string): string {
  return isMultipart(body) ? mailSection : within(mailSection, 1);
}

function within(section: string, part: number): string {
  return section === "" ? String(part) : `${section}.${part}`;
}

function isMultipart({ type, childNodes }: MessageStructureObject): boolean {
  return childNodes !== undefined && !isMail({ contentType: type });
}

/** Something to fetch of a mail besides its own headers. */
export interface WantedSection {
  readonly section: string;
  /** How many bytes it is said to have. */
  readonly sizeBytes: number;
}

/** What the headers of a mail within a mail are counted as, because a server does not say how many there are. */
const usualHeaderBytes = 4 * 1024;
const maxSections = 50;

/** What a reader is shown of a mail: texts, reports, and the headers of mails within it. */
export function sectionsToRead(root: ImapPart): readonly WantedSection[] {
  if (isReadWhole(root)) return [{ section: wholeBody, sizeBytes: Infinity }];
  const wanted = new Set<MailPart>(partsToRead(root));
  const sections: WantedSection[] = [];
  const visit = (part: ImapPart) => {
    if (wanted.has(part) || isUnread(part)) sections.push({ section: part.section, sizeBytes: part.sizeBytes ?? Infinity });
    else if (isMail(part) && part.section !== "") sections.push({ section: headerSection(part), sizeBytes: usualHeaderBytes });
    for (const child of part.parts ?? []) visit(child);
  };
  visit(root);
  return sections.slice(0, maxSections);
}

/** A mail within the mail whose parts the server does not describe. */
function isUnread(part: ImapPart): boolean {
  return isMail(part) && part.parts === undefined;
}

/** The same part with what was read of it. A content as long as the limit is only the beginning. */
export function withContents(
  part: ImapPart,
  contents: SectionContents,
  { limitBytes, readHeaders }: { readonly limitBytes: number; readonly readHeaders: (block: Uint8Array) => MailHeaders },
): MailPart {
  const content = contents.get(part.section);
  if (isUnread(part) && content !== undefined) return { ...part, ...readWithin(part, content) };
  const header = isMail(part) ? contents.get(headerSection(part)) : undefined;
  return {
    ...part,
    ...(content !== undefined && part.parts === undefined && { content, isCut: content.length >= limitBytes }),
    ...(header !== undefined && { headers: readHeaders(header) }),
    ...(part.parts !== undefined && {
      parts: part.parts.map((child) => withContents(child, contents, { limitBytes, readHeaders })),
    }),
  };
}

/** Headers and parts of a mail within the mail. */
function readWithin({ encoding = "" }: ImapPart, content: Uint8Array): Pick<MailPart, "headers" | "parts"> {
  const declared = `Content-Type: message/rfc822\r\nContent-Transfer-Encoding: ${encodedForm.test(encoding) ? encoding : "8bit"}`;
  const { headers, parts } = readParts(Buffer.concat([Buffer.from(`${declared}\r\n\r\n`), content])).root;
  return { ...(headers !== undefined && { headers }), ...(parts !== undefined && { parts }) };
}

function headerSection({ section }: ImapPart): string {
  return `${section}.HEADER`;
}
