import { type KeptMails, whyLeftOut } from "@statewave-connectors/mail";
import type { MessageHead } from "../api-items.ts";
import type { GmailPullOptions } from "../pull-options.ts";
import { messageParts } from "./message-parts.ts";

/** What of an entry's options decides which mails become episodes, and what these say. */
export type MailScope = Pick<
  GmailPullOptions,
  "addresses" | "member_domains" | "authserv_id" | "mailing_lists" | "automatic" | "quotes" | "signatures"
>;

/** Why a mail is left out by what it is; undefined: it is kept. What the owner sent is kept. */
export function leftOutBecause(message: MessageHead, kept: KeptMails): string | undefined {
  if (kept.mailing_lists && kept.automatic) return undefined;
  return message.labelIds.includes("SENT") ? undefined : whyLeftOut(messageParts(message).headers, kept);
}
