import { isAutomatic, isMailingList } from "@statewave-connectors/mail";
import type { MessageHead } from "../api-items.ts";
import type { GmailPullOptions } from "../pull-options.ts";
import { messageParts } from "./message-parts.ts";

/** What of an entry's options decides which mails become episodes, and what these say. */
export type MailScope = Pick<
  GmailPullOptions,
  "addresses" | "member_domains" | "authserv_id" | "mailing_lists" | "automatic" | "quotes" | "signatures"
>;

/** Why a mail is left out by what it is; undefined: it is kept. What the owner sent is kept. */
export function leftOutBecause(
  message: MessageHead,
  { mailing_lists, automatic }: Pick<MailScope, "mailing_lists" | "automatic">,
): string | undefined {
  if (mailing_lists && automatic) return undefined;
  if (message.labelIds.includes("SENT")) return undefined;
  const { headers } = messageParts(message);
  if (!mailing_lists && isMailingList(headers) !== undefined) return "mailing_list";
  return !automatic && isAutomatic(headers) !== undefined ? "automatic" : undefined;
}
