import type { MailHeaders } from "../headers/mail-headers.ts";

/** A part of a mail, as it was read whole, as a server describes it, or as a provider returns it. */
export interface MailPart {
  /** Lower case, such as `text/plain`. */
  readonly contentType: string;
  /** Of the content type, names in lower case, values decoded. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** `inline`, `attachment` or what the sender made up. */
  readonly disposition?: string;
  /** Of the file. */
  readonly name?: string;
  readonly contentId?: string;
  /** How `content` is encoded for the way. Absent: not at all. */
  readonly encoding?: string;
  /** Of the encoded content, where the content itself is absent. */
  readonly sizeBytes?: number;
  readonly content?: Uint8Array;
  /** Whether `content` is only the beginning. */
  readonly isCut?: boolean;
  /** Of a multipart, and of `message/rfc822` the one part that is its body. */
  readonly parts?: readonly MailPart[];
  /** Of the mail in a `message/rfc822`. */
  readonly headers?: MailHeaders;
}

/** Whether a part is a mail within the mail. */
export function isMail({ contentType }: Pick<MailPart, "contentType">): boolean {
  return contentType === "message/rfc822" || contentType === "message/global";
}

/** Texts that are written for programs. */
const unreadable: ReadonlySet<string> = new Set(
  "rtf vcard x-vcard directory css csv xml javascript x-amp-html watch-html".split(" ").map((subtype) => `text/${subtype}`),
);

/** Whether a part is for readers and not a file beside the text. The only part of a mail is for readers whatever it says. */
export function isText(part: MailPart, isOnly = false): boolean {
  if (!part.contentType.startsWith("text/") || unreadable.has(part.contentType)) return false;
  return isOnly || (part.disposition !== "attachment" && (part.name ?? "") === "");
}
