import { hash } from "node:crypto";
import {
  type Author,
  canonicalSubject,
  type Episode,
  idempotencyKey,
  type SourcePointer,
} from "@statewave-connectors/connector-sdk";
import { withoutUndefined } from "@statewave-connectors/connector-sdk/items";
import { shorten } from "@statewave-connectors/connector-sdk/text";
import { canonicalAddress, formatAddress } from "../headers/addresses.ts";
import { threadOf } from "../headers/message-ids.ts";
import type { Mail, MailAddress } from "../mail.ts";
import type { TrimOptions } from "../reply/trim-reply.ts";
import { automaticHeader, mailingListHeader } from "../sender/automatic-mail.ts";
import { type VerifiedSender, verifiedSender } from "../sender/verified-sender.ts";
import { counterparty, type MailDirection } from "./counterparty.ts";
import { mailEpisodeText } from "./mail-episode-text.ts";
import { messageKey } from "./message-key.ts";
import { readSubject } from "./subject-line.ts";

/** What a connector knows of a mail beside the mail itself. */
export interface MailEpisodeOptions {
  /** The kind of the connector, such as `gmail`: kinds, keys and sessions begin with it. */
  readonly connector: string;
  /** The address of the mailbox. */
  readonly account: string;
  /** Other addresses of its owner. */
  readonly ownAddresses?: readonly string[];
  /** Where the mailbox says it, by a label or by its folder. Default: by `From`, which must be verified where `authservId` is given. */
  readonly direction?: MailDirection | undefined;
  /** When the server took the mail, ISO 8601: the header `Date` is the sender's word. */
  readonly occurredAt: string;
  readonly source: SourcePointer;
  /** What follows the connector in the idempotency key. Default: `messageKey`, so that a mail in two folders is one episode. */
  readonly key?: readonly (string | number)[];
  /** Default: made of the thread's first mail. */
  readonly session?: string;
  /** Of the server whose `Authentication-Results` count. Default: none. */
  readonly authservId?: string | undefined;
  /** Verified senders of these domains belong to the organisation. */
  readonly memberDomains?: readonly string[];
  readonly trim?: Omit<TrimOptions, "isForward">;
  /** Joins what is known of the mail itself. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

const maxListed = 50;
const maxListedLength = 320;

/** The episode of a mail: the same for the same mail, whichever connector read it. */
export function mailEpisode(mail: Mail, options: MailEpisodeOptions): Episode {
  const { connector, account, occurredAt, source, session } = options;
  const own = [account, ...(options.ownAddresses ?? [])];
  const verified = options.authservId === undefined ? undefined : verifiedSender(mail.headers, options.authservId);
  // Where senders are verified, the own address in `From` says nothing without that.
  const isForged = options.authservId !== undefined && verified === undefined;
  const known = options.direction ?? (isForged ? "received" : undefined);
  const other = counterparty(mail, own, { direction: known });
  const direction = other?.direction ?? known ?? "received";
  const kind = `${connector}.message.${direction}`;
  const key = options.key ?? messageKey(account, mail.headers, () => mail.fingerprint);
  const thread = session ?? sessionOf(mail, options);
  const { title } = readSubject(mail.subject);
  const automatic = automaticHeader(mail.headers);
  return {
    subject: other?.subject ?? canonicalSubject(`thread:${thread}`),
    kind,
    text: mailEpisodeText(mail, options.trim),
    occurred_at: occurredAt,
    source,
    idempotency_key: idempotencyKey(connector, ...key),
    ...(title !== "" && { title: shorten(title, 512) }),
    session: thread,
    author: authorOf(mail, { own, verified, automatic, options }),
    metadata: metadataOf(mail, { direction, automatic }, options),
  };
}

function sessionOf(mail: Mail, { connector, occurredAt }: MailEpisodeOptions): string {
  const root = threadOf(mail.headers) ?? `${occurredAt} ${mail.subject}`;
  return `${connector}-${hash("sha256", root, "hex").slice(0, 24)}`;
}

interface Judged {
  readonly own: readonly string[];
  readonly verified: VerifiedSender | undefined;
  /** What says that a program wrote the mail. */
  readonly automatic: string | undefined;
  readonly options: MailEpisodeOptions;
}

function authorOf(mail: Mail, { own, verified, automatic, options: { direction, memberDomains = [] } }: Judged): Author {
  const [sender] = mail.from.length > 0 ? mail.from : mail.sender;
  if (sender === undefined) return { name: "an unknown sender", kind: "anonymous" };
  const name = shorten(formatAddress(sender), 256);
  const proof = verified ?? {};
  // Only what the mailbox itself filed as sent is certainly the owner's.
  if (direction === "sent") return { name, kind: "self" };
  if (automatic !== undefined) return { name, kind: "bot", ...proof };
  const address = canonicalAddress(sender.address) ?? "";
  const isOwn = own.some((each) => canonicalAddress(each) === address);
  if (direction === undefined && isOwn && verified !== undefined) return { name, kind: "self", ...proof };
  const domain = address.slice(address.lastIndexOf("@") + 1);
  const isMember = verified !== undefined && memberDomains.some((each) => each.trim().toLowerCase() === domain);
  return { name, kind: isMember ? "member" : "external", ...proof };
}

function metadataOf(
  mail: Mail,
  { direction, automatic }: { readonly direction: MailDirection; readonly automatic: string | undefined },
  { account, metadata = {} }: MailEpisodeOptions,
) {
  const list = (addresses: readonly MailAddress[]) => {
    const texts = addresses.slice(0, maxListed).map((address) => shorten(formatAddress(address), maxListedLength));
    return texts.length === 0 ? undefined : texts;
  };
  const attachments = mail.attachments.slice(0, maxListed).map(({ name, contentType, sizeBytes }) => ({
    name,
    content_type: contentType,
    size_bytes: sizeBytes,
  }));
  return withoutUndefined({
    account,
    direction,
    from: list(mail.from),
    reply_to: list(mail.replyTo),
    to: list(mail.to),
    cc: list(mail.cc),
    subject_line: mail.subject === "" ? undefined : shorten(mail.subject, 998),
    message_id_header: mail.messageId,
    in_reply_to: mail.inReplyTo,
    date_header: mail.date,
    mailing_list:
      mailingListHeader(mail.headers) === undefined ? undefined : shorten(mail.headers.get("list-id") ?? "", 256) || true,
    automatic,
    attachments: attachments.length === 0 ? undefined : attachments,
    ...metadata,
  });
}
