import { canonicalSubject, type Episode, idempotencyKey, parseItem } from "@statewave-connectors/connector-sdk";
import { textId, withoutUndefined } from "@statewave-connectors/connector-sdk/items";
import { toInstant } from "@statewave-connectors/connector-sdk/paging";
import { headline, htmlToText } from "@statewave-connectors/connector-sdk/text";
import { type Mail, mailEpisode, mailOf } from "@statewave-connectors/mail";
import * as v from "valibot";
import { gmail } from "../gmail.ts";
import { changeEpisode } from "./change-episode.ts";
import { latestMs, MailMessage } from "./mail-message.ts";
import type { MailScope } from "./mail-scope.ts";
import { messageParts } from "./message-parts.ts";

const mailbox = v.pipe(v.string(), v.includes("@"));
const found = {
  record: v.pipe(v.string(), v.nonEmpty()),
  at: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(latestMs / 1_000)),
};
const labels = v.array(v.string());

const GoneMail = v.object({
  mailbox,
  message: v.object({ id: textId(), threadId: v.optional(textId()) }),
  change: v.object({ type: v.literal("gone"), ...found }),
});

const PresentMail = v.object({
  mailbox,
  message: MailMessage,
  change: v.optional(
    v.variant("type", [
      v.object({ type: v.literal("trashed"), ...found }),
      v.object({ type: v.literal("labels"), ...found, added: labels, removed: labels }),
    ]),
  ),
});

const isGone = (raw: unknown) => v.is(v.object({ change: v.object({ type: v.literal("gone") }) }), raw);

/** The episodes of a raw item, whichever way it was read. */
export function toEpisodes(raw: unknown, scope: MailScope): readonly Episode[] {
  if (isGone(raw)) return [goneEpisode(parseItem(GoneMail, raw, { ...gmail, item: "deleted message" }))];
  const { message, change, mailbox: address } = parseItem(PresentMail, raw, { ...gmail, item: "message" });
  const mail = mailOfMessage(message);
  const episode = messageEpisode(mail, message, address, scope);
  return [change === undefined ? episode : changeEpisode(episode, { mail, message, account: address, change })];
}

function mailOfMessage(message: MailMessage): Mail {
  const { headers, root } = messageParts(message);
  const mail = mailOf(headers, root);
  // Of a message that is read without its text, Gmail shows the first words, as HTML.
  return mail.text.trim() === "" ? { ...mail, text: htmlToText(message.snippet) } : mail;
}

function messageEpisode(mail: Mail, message: MailMessage, account: string, scope: MailScope): Episode {
  const direction = message.labelIds.includes("SENT") ? "sent" : "received";
  const { addresses = [], member_domains = [], authserv_id, quotes, signatures } = scope;
  const kind = `gmail.message.${direction}`;
  return mailEpisode(mail, {
    connector: "gmail",
    account,
    ownAddresses: addresses,
    direction,
    occurredAt: new Date(message.internalDate).toISOString(),
    source: { type: kind, id: `message:${message.id}`, url: linkTo(account, message.id) },
    key: [account, message.id, kind],
    session: sessionOf(message.threadId),
    authservId: authserv_id,
    memberDomains: member_domains,
    trim: { quotes: !quotes, signature: !signatures },
    metadata: withoutUndefined({
      message_id: message.id,
      thread_id: message.threadId,
      label_ids: message.labelIds.length === 0 ? undefined : message.labelIds.slice(0, 100),
    }),
  });
}

/** All that is left of a message that was deleted for good: its ids, and not when. */
function goneEpisode({ mailbox: account, message: { id, threadId }, change }: v.InferOutput<typeof GoneMail>): Episode {
  const session = sessionOf(threadId ?? id);
  const kind = "gmail.message.deleted";
  return {
    subject: canonicalSubject(`thread:${session}`),
    kind,
    text: headline("A mail was deleted for good", `the mailbox no longer has message ${id} of its thread`),
    occurred_at: toInstant(change.at * 1_000),
    source: { type: kind, id: `message:${id}` },
    session,
    author: { name: account, kind: "self" },
    idempotency_key: idempotencyKey("gmail", account, id, kind, change.record),
    metadata: withoutUndefined({ account, message_id: id, thread_id: threadId }),
  };
}

function sessionOf(threadId: string): string {
  return canonicalSubject(`gmail-${threadId}`);
}

/** Works with several accounts in one browser, too. */
function linkTo(account: string, id: string): string {
  return `https://mail.google.com/mail/u/?authuser=${encodeURIComponent(account)}#all/${encodeURIComponent(id)}`;
}
