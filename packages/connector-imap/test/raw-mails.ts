import { type EntryOptions, fakeContext, type RawItem, validateOptions } from "@statewave-connectors/testing";
import { toRawMail } from "../src/mail/fetched-mail.ts";
import { fetchMails } from "../src/pull/fetch-mails.ts";
import { formatMailId } from "../src/pull/mail-id.ts";
import { ImapPull } from "../src/pull-options.ts";
import { openAccount } from "../src/server/account.ts";
import { Session } from "../src/server/session.ts";

/** Every mail of INBOX and Sent in its raw form, as failed items have it. */
export async function rawMailsOf(entry: EntryOptions): Promise<readonly RawItem[]> {
  const context = fakeContext("imap");
  const account = openAccount(await validateOptions(ImapPull, entry), context);
  const session = new Session(account, { clock: context.clock, signal: new AbortController().signal });
  const items: RawItem[] = [];
  for (const path of ["INBOX", "Sent"]) {
    const folder = { ...(await session.examine(path)), isSent: path === "Sent" };
    const uids = await session.search(folder, { all: true });
    const { mails } = await fetchMails(session, folder, uids);
    items.push(...mails.map((mail) => ({ id: formatMailId(mail), raw: toRawMail(mail) })));
  }
  await session.end();
  return items;
}
