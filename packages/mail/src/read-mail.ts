import { createHash } from "node:crypto";
import { summarizeFailure } from "./body/delivery-report.ts";
import { partsToRead, readBody } from "./body/mail-body.ts";
import { addressesOf } from "./headers/addresses.ts";
import { dateOf } from "./headers/header-date.ts";
import type { MailHeaders } from "./headers/mail-headers.ts";
import { messageIdOf, messageIds } from "./headers/message-ids.ts";
import type { Mail } from "./mail.ts";
import { type MailLimits, mailLimits } from "./mail-limits.ts";
import type { MailPart } from "./parts/mail-part.ts";
import { readParts } from "./parts/read-parts.ts";

/**
 * Reads a mail as it was sent (RFC 822). Never throws: of a broken mail it returns what can be read, and of a large one what lies within the
 * limits.
 */
export function readMail(raw: Uint8Array, limits: Partial<MailLimits> = {}): Mail {
  const { headers, root } = readParts(raw, limits);
  return mailOf(headers, root, limits);
}

/** A mail of which headers and parts were read one by one. The same mail gives the same text as with {@link readMail}. */
export function mailOf(headers: MailHeaders, root: MailPart, limits: Partial<MailLimits> = {}): Mail {
  const { text, attachments } = readBody(root, { ...mailLimits, ...limits });
  const from = addressesOf(headers, "from");
  const isOfServer = from.some(({ address }) => /^(?:mailer-daemon|postmaster)@/i.test(address));
  const failure = isOfServer ? summarizeFailure(headers, text) : "";
  return {
    headers,
    from,
    sender: addressesOf(headers, "sender"),
    replyTo: addressesOf(headers, "reply-to"),
    to: addressesOf(headers, "to"),
    cc: addressesOf(headers, "cc"),
    bcc: addressesOf(headers, "bcc"),
    subject: headers.get("subject") ?? "",
    messageId: messageIdOf(headers),
    inReplyTo: messageIds(headers, "in-reply-to")[0],
    references: messageIds(headers, "references"),
    date: dateOf(headers),
    text: failure === "" ? text : failure,
    attachments,
    // Few mails have no `Message-ID`, and only their keys are made of it.
    get fingerprint() {
      return fingerprintOf(root);
    },
  };
}

const fingerprintBytes = 4096;

/** Of the beginnings of the texts: servers and connectors fetch as much of each at least. */
function fingerprintOf(root: MailPart): string {
  const hash = createHash("sha256");
  for (const { content } of partsToRead(root)) hash.update(content?.subarray(0, fingerprintBytes) ?? "").update("\0");
  return hash.digest("hex").slice(0, 32);
}
