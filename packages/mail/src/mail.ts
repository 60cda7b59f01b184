import type { MailHeaders } from "./headers/mail-headers.ts";

/** Someone who writes or receives mail. */
export interface MailAddress {
  /** As the mail gives it, on one line; empty when it gives none. */
  readonly name: string;
  /** As the mail gives it; empty when it is unreadable. */
  readonly address: string;
}

/** A file of a mail, without its content. */
export interface MailAttachment {
  /** On one line; empty when the mail gives none. */
  readonly name: string;
  /** Lower case, such as `application/pdf`. */
  readonly contentType: string;
  /** Decoded; an estimate where the content was not read. */
  readonly sizeBytes: number;
  /** What a reader cannot know from its name, such as `PGP signature`. */
  readonly note?: string;
}

/** What a mail says. Everything in it is the sender's word, except for what the headers of the own server say. */
export interface Mail {
  readonly headers: MailHeaders;
  readonly from: readonly MailAddress[];
  readonly sender: readonly MailAddress[];
  readonly replyTo: readonly MailAddress[];
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  readonly bcc: readonly MailAddress[];
  /** On one line; empty when there is none. */
  readonly subject: string;
  /** With its angle brackets. */
  readonly messageId: string | undefined;
  readonly inReplyTo: string | undefined;
  /** Oldest first, each with its angle brackets, at most 100: the first ones and the last ones. */
  readonly references: readonly string[];
  /** The header `Date` as ISO 8601. The sender chooses it. */
  readonly date: string | undefined;
  /** What a reader sees, quotes and signatures included. */
  readonly text: string;
  readonly attachments: readonly MailAttachment[];
  /** A hash of its texts as they stand, so that a mail without `Message-ID` has a key. */
  readonly fingerprint: string;
}
