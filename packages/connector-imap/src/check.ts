import { type CheckResult, describeError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { shownText } from "@statewave-connectors/connector-sdk/http";
import { authservIds, parseAddresses, readHeaders } from "@statewave-connectors/mail";
import { type ImapPullOptions, ownAddresses } from "./pull-options.ts";
import type { Account } from "./server/account.ts";
import { chooseFolders, defaultFolders } from "./server/choose-folders.ts";
import type { ExaminedFolder } from "./server/connection.ts";
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

/** Of the latest mails, the newest first. */
async function latestHeaders(session: Session, folder: ExaminedFolder): Promise<readonly Headers[]> {
  const { next = 1 } = folder;
  const uids = await session.search(folder, { uid: `${Math.max(1, next - 100)}:${Math.max(1, next - 1)}` });
  const rows =
    uids.length === 0 ? [] : await session.fetch(folder, uids.slice(-sample), { headers: ["Authentication-Results", "From"] });
  return rows.toSorted((a, b) => b.uid - a.uid).map(({ headers }) => readHeaders(headers ?? new Uint8Array()));
}

function checkAuthservId(headers: readonly Headers[], { entry, options: { authserv_id } }: Checking): readonly CheckResult[] {
  // The topmost is that of the own server: a sender cannot add one above it.
  const seen = [...new Set(headers.flatMap((each) => authservIds(each).slice(0, 1)))];
  if (seen.length === 0) return [];
  const shown = shownText(seen.join(", "));
  if (authserv_id === undefined) {
    return [{ ok: true, message: `${entry} marks no sender as verified; its mails are judged by: ${shown} (\`authserv_id\`)` }];
  }
  if (seen.includes(authserv_id.toLowerCase()))
    return [{ ok: true, message: `${entry} trusts what ${authserv_id} says about senders` }];
  return [
    {
      ok: false,
      message: `${entry} trusts ${authserv_id} about senders, but its latest mails are judged by ${shown}: correct \`authserv_id\``,
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
