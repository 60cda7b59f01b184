import { type CheckResult, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { shownText } from "@statewave-connectors/connector-sdk/http";
import { authservIds, parseAddresses, readHeaders } from "@statewave-connectors/mail";
import { maxHeaderBytes } from "./pull/fetch-mails.ts";
import { type ImapPullOptions, ownAddresses } from "./pull-options.ts";
import type { Account } from "./server/account.ts";
import { chooseFolders, defaultFolders } from "./server/choose-folders.ts";
import type { ExaminedFolder } from "./server/connection.ts";
import type { MailItems } from "./server/fetch-rows.ts";
import type { ListedFolder, Session } from "./server/session.ts";

/** How many of the latest mails are looked at. */
const sample = 10;
const longestList = 500;

/** Whether the account signs in, what it may read, and what its latest mails say about the options. */
export async function checkPull(
  session: Session,
  account: Account,
  options: ImapPullOptions,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const { entry } = account;
  const connection = await session.connection();
  const listed = await session.folders();
  const { folders, missing } = chooseFolders(options.folders ?? defaultFolders, listed);
  const lacking = options.folders === undefined ? [] : missing;
  const there = shownText(listed.map(({ path }) => path).join(", "), longestList);
  const found: CheckResult[] = [
    { ok: true, message: `${entry} signs in as ${account.user} at ${account.server} (${connection.encryption})` },
    ...lacking.map((name) => ({ ok: false, message: `${entry} names the folder ${name}, and there are only: ${there}` })),
    ...(folders.length > 0 ? [] : [{ ok: false, message: `${entry} reads no folder; there are: ${there}` }]),
  ];
  for (const folder of folders) found.push(...(await checkFolder(session, folder, { entry, options, signal })));
  found.push(newsOf(connection.offers("IDLE"), { entry, options }));
  return found;
}

interface Checking {
  readonly entry: string;
  readonly options: ImapPullOptions;
  readonly signal: AbortSignal;
}

async function checkFolder(
  session: Session,
  { path, specialUse }: ListedFolder,
  checking: Checking,
): Promise<readonly CheckResult[]> {
  const { entry, signal } = checking;
  try {
    const folder = await session.examine(path);
    const found: CheckResult[] = [{ ok: true, message: `${entry} can read ${path} (${folder.exists} mails)` }];
    const headers = await latestHeaders(session, folder);
    if (path.toLowerCase() === "inbox") found.push(...checkAuthservId(headers, checking));
    if (specialUse === "\\Sent") found.push(...checkAddresses(headers, checking));
    return found;
  } catch (error) {
    signal.throwIfAborted();
    if (!isConnectorsError(error)) throw error;
    return [{ ok: false, message: describeError(error), error }];
  }
}

type Headers = ReturnType<typeof readHeaders>;

const headerItems: MailItems = { sections: [{ section: "HEADER", mostBytes: maxHeaderBytes }] };

/** Of the latest mails, the newest first. */
async function latestHeaders(session: Session, folder: ExaminedFolder): Promise<readonly Headers[]> {
  const { next = 1 } = folder;
  const uids = await session.search(folder, { uid: `${Math.max(1, next - 100)}:${Math.max(1, next - 1)}` });
  const rows = uids.length === 0 ? [] : await session.fetch(folder, uids.slice(-sample), headerItems);
  const headers = rows.toSorted((a, b) => b.uid - a.uid).map(({ contents }) => contents.get("HEADER"));
  return headers.map((block) => readHeaders(block ?? new Uint8Array()));
}

function checkAuthservId(headers: readonly Headers[], { entry, options: { authserv_id } }: Checking): readonly CheckResult[] {
  // A sender cannot add one above that of the own server.
  const topmost = headers.flatMap((each) => authservIds(each).slice(0, 1));
  // In mails that the own server does not judge, what a sender has written is topmost.
  const judge = topmost.find((id) => topmost.filter((each) => each === id).length > headers.length / 2);
  if (authserv_id === undefined) {
    if (judge === undefined) return [];
    const said = `${entry} marks no sender as verified; most of its latest mails are judged by: ${shownText(judge)}`;
    return [
      { ok: true, message: `${said}; set \`authserv_id\` to it only if that is your own server: senders can write it too` },
    ];
  }
  if (topmost.length === 0) return [];
  const own = authserv_id.toLowerCase();
  if (judge === undefined ? topmost.includes(own) : judge === own)
    return [{ ok: true, message: `${entry} trusts what ${authserv_id} says about senders` }];
  const others = judge === undefined ? "" : `, and most of them are judged by ${shownText(judge)}`;
  return [
    {
      ok: false,
      message: `${entry} trusts ${authserv_id} about senders, which judges few or none of its latest mails${others}: set \`authserv_id\` to the name of your own server, or remove it where that judges none`,
    },
  ];
}

function checkAddresses(headers: readonly Headers[], { entry, options }: Checking): readonly CheckResult[] {
  const own = new Set(ownAddresses(options));
  const senders = headers.flatMap((each) =>
    parseAddresses(each.raw("from")[0] ?? "").map(({ address }) => address.toLowerCase()),
  );
  const others = [...new Set(senders.filter((address) => address !== "" && !own.has(address)))];
  if (others.length === 0) return [];
  const shown = shownText(others.join(", "));
  return [
    {
      ok: false,
      message: `${entry} takes mails that were sent by ${shown} for received ones: add what is yours to \`addresses\``,
    },
  ];
}

function newsOf(offersIdle: boolean, { entry, options: { idle } }: Omit<Checking, "signal">): CheckResult {
  if (!idle) return { ok: true, message: `${entry} learns of new mail by its schedule` };
  return {
    ok: true,
    message: `${entry} learns of new mail ${offersIdle ? "at once" : "within a minute, because the server does not offer IDLE"}`,
  };
}
