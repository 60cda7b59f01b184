import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { shorten } from "@statewave-connectors/connector-sdk/text";
import { type Mail, mailEpisode, mailOf, readHeaders, readMail, whyLeftOut } from "@statewave-connectors/mail";
import { maxTextBytes } from "../pull/fetch-mails.ts";
import type { MappedMail } from "../pull/folder-pages.ts";
import { formatMailId } from "../pull/mail-id.ts";
import { type ImapPullOptions, ownAddresses } from "../pull-options.ts";
import type { FetchedMail } from "./fetched-mail.ts";
import { isReadWhole, withContents } from "./mail-structure.ts";

type MappingOptions = Pick<
  ImapPullOptions,
  "addresses" | "username" | "authserv_id" | "member_domains" | "automatic" | "mailing_lists" | "quotes" | "signatures"
>;

const maxIdLength = 250;

/** What the mails of an entry become: the same for the same mail, in whichever folder it lies. */
export function mailMapper(options: MappingOptions, account: string): (fetched: FetchedMail) => MappedMail {
  const trim = { quotes: !options.quotes, signature: !options.signatures };
  return (fetched) => {
    const mail = toMail(fetched);
    const reason = fetched.isSent ? undefined : whyLeftOut(mail.headers, options);
    if (reason !== undefined) return { episodes: [], skipped: reason };
    const episode = mailEpisode(mail, {
      connector: "imap",
      account,
      ownAddresses: ownAddresses(options),
      // By `From` elsewhere: a mail to oneself lies in two folders and is one mail.
      direction: fetched.isSent ? "sent" : undefined,
      occurredAt: timeOf(fetched, mail),
      source: {
        type: "imap.message",
        id: mail.messageId === undefined ? formatMailId(fetched) : shorten(mail.messageId, maxIdLength),
      },
      authservId: options.authserv_id,
      ...(options.member_domains !== undefined && { memberDomains: options.member_domains }),
      trim,
      metadata: { folder: fetched.folder },
    });
    return { episodes: [episode] };
  };
}

/** Whether an entry leaves mails out by their headers, so that no more of their texts has to be fetched. */
export function headerFilter(options: MappingOptions): (mail: Pick<FetchedMail, "header" | "isSent">) => boolean {
  return ({ header, isSent }) => !isSent && whyLeftOut(readHeaders(header), options) !== undefined;
}

/** Ends headers: where only their beginning was read, nothing else does. */
const emptyLine = Buffer.from("\r\n\r\n");

function toMail({ header, root, contents }: FetchedMail): Mail {
  if (root !== undefined && isReadWhole(root)) return readMail(Buffer.concat([header, emptyLine, ...contents.values()]));
  const reading = { limitBytes: maxTextBytes, readHeaders };
  const part = root === undefined ? { contentType: "text/plain" } : withContents(root, contents, reading);
  return mailOf(readHeaders(header), part);
}

/** The sender's word counts only where the server has none of its own. */
function timeOf({ at }: FetchedMail, { date }: Mail): string {
  const time = at ?? date;
  if (time !== undefined) return time;
  throw new ConnectorsError({
    code: "IMAP_ITEM_UNMAPPABLE",
    message: "a mail has no time: the server names none, and its Date cannot be read",
    hint: "discard the dead letter",
  });
}
