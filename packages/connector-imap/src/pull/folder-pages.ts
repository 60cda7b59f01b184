import { type ConnectorContext, type Episode, mapItems, type Page } from "@statewave-connectors/connector-sdk";
import { isOverloaded, type PartPage, requestInBatches } from "@statewave-connectors/connector-sdk/paging";
import type { SearchObject } from "imapflow";
import { type FetchedMail, toRawMail } from "../mail/fetched-mail.ts";
import type { ExaminedFolder } from "../server/connection.ts";
import type { FolderStatus, ListedFolder, Session } from "../server/session.ts";
import { highestUid, uidWindows } from "../server/uid-windows.ts";
import type { FolderState, KnownMail } from "./cursor.ts";
import { deletionEpisode, type DeletionWatch, divideKnown, inPages, knownMail, type KnownMails, remember } from "./deletions.ts";
import { type FetchedMails, fetchMails, type MailFolder, TooMuchText } from "./fetch-mails.ts";
import { formatMailId } from "./mail-id.ts";

/** The episodes of a mail, or why it has none. */
export interface MappedMail {
  readonly episodes: readonly Episode[];
  readonly skipped?: string;
}

/** What a run reads folders with. */
export interface FolderReading {
  readonly session: Session;
  readonly context: Pick<ConnectorContext, "logger" | "clock">;
  readonly map: (mail: FetchedMail) => MappedMail;
  /** Whether `map` makes nothing of a mail, by its headers. */
  readonly isLeftOut: (mail: Pick<FetchedMail, "header" | "isSent">) => boolean;
  /** Mails that came before are left out, epoch milliseconds. */
  readonly sinceMs: number | undefined;
  /** Mails that came then or later are left out, epoch milliseconds. */
  readonly untilMs?: number | undefined;
  /** Undefined: deletions are no episodes. */
  readonly deletions?: DeletionWatch | undefined;
}

const dayMs = 24 * 60 * 60_000;

/** Reads the mails of a folder that are new, the oldest first. A folder in which nothing happened costs one command. */
export async function* folderPages(
  reading: FolderReading,
  { path, specialUse }: ListedFolder,
  from: FolderState | undefined,
  signal: AbortSignal,
): AsyncGenerator<PartPage<FolderState>, void, undefined> {
  const { session, context, deletions } = reading;
  if (from !== undefined && isRead(from, await session.status(path), deletions !== undefined)) return;
  const folder = { ...(await session.examine(path)), isSent: specialUse === "\\Sent" };
  const { validity, next, exists } = folder;
  const isResumed = from !== undefined && continues(from, folder);
  if (from !== undefined && !isResumed)
    context.logger.warn("the mails of a folder have new UIDs; it is read again", { folder: path });
  const start = isResumed ? from.uid : 0;
  let remembered: KnownMails = { known: [], gone: [] };
  const stateAt = (uid: number): FolderState => ({
    validity,
    uid,
    ...(deletions !== undefined && { exists, known: [...remembered.known], gone: [...remembered.gone] }),
    ...(remembered.forgot === true && { forgot: true as const }),
  });
  if (deletions !== undefined && isResumed) {
    const missed = (from.gone ?? []).filter(([, key]) => !deletions.isThere(key));
    const { known, gone } = await divideKnown(session, folder, from.known ?? [], signal);
    const without = (left: readonly KnownMail[]) =>
      remember({ known, gone: [...left, ...gone], forgot: from.forgot }, [], deletions);
    remembered = without(missed);
    for (const { reported, left } of deletions.isDue(from) ? inPages(missed) : []) {
      remembered = without(left);
      yield { episodes: reported.map((mail) => deletionEpisode(folder, mail, context.clock.now())), state: stateAt(start) };
    }
  }
  const search = (first: number, last: number) => session.search(folder, { uid: `${first}:${last}`, ...timesOf(reading) });
  let uid = start;
  const to = next === undefined ? highestUid : next - 1;
  for await (const { uids, last: windowEnd } of uidWindows(search, { from: start + 1, to })) {
    for await (const { last, page, known } of pagesOf(reading, folder, uids, signal)) {
      uid = last;
      if (deletions !== undefined) remembered = remember(remembered, known, deletions);
      yield { ...page, state: stateAt(uid) };
    }
    // Searches that find nothing may take minutes each: a run that is cut off resumes behind them.
    if (uids.length > 0 || next === undefined || windowEnd === to) continue;
    uid = windowEnd;
    yield { episodes: [], state: stateAt(uid) };
  }
  // What lies behind the last mail is gone, or was left out.
  const end = next === undefined ? uid : to;
  if (!isResumed || end !== from.uid || deletions !== undefined) yield { episodes: [], state: stateAt(end), isQuiet: true };
}

/** A deletion makes the folder smaller, and a new mail raises UIDNEXT. */
function isRead(from: FolderState, status: FolderStatus | undefined, isWatched: boolean): boolean {
  if (from.missing === true || status === undefined || status.validity !== from.validity || status.next !== from.uid + 1)
    return false;
  return !isWatched || (status.exists === from.exists && from.gone?.length === 0);
}

/** UIDs only rise. A server that was restored from a back-up may give some of them a second time. */
function continues(from: FolderState, { validity, next }: ExaminedFolder): boolean {
  return validity === from.validity && (next === undefined || from.uid < next);
}

/** SEARCH compares days, in the time zone of the server. */
function timesOf({ sinceMs, untilMs }: FolderReading): SearchObject {
  return {
    ...(sinceMs !== undefined && sinceMs > dayMs && { since: new Date(sinceMs - dayMs) }),
    ...(untilMs !== undefined && { before: new Date(untilMs + dayMs) }),
  };
}

/** Two pages are held at a time. */
const pageSizes = [100, 30, 10, 1];

/** Some mails of a folder. */
interface ReadMails {
  /** The UID of the last one. */
  readonly last: number;
  readonly page: Omit<Page, "cursor">;
  readonly known: readonly KnownMail[];
}

async function* pagesOf(
  reading: FolderReading,
  folder: MailFolder,
  uids: readonly number[],
  signal: AbortSignal,
): AsyncGenerator<ReadMails, void, undefined> {
  const { session } = reading;
  const { path, validity } = folder;
  const batches = requestInBatches({
    ids: uids,
    signal,
    // A page is read and mapped while the one before it is delivered, and of a page that waits only its episodes are held.
    isAhead: true,
    sizes: pageSizes,
    request: async (ids: readonly number[]) => pageOf(reading, await fetchMails(session, folder, ids, reading.isLeftOut)),
    isOverloaded: (error) => error instanceof TooMuchText || isOverloaded(error),
    failedId: (uid) => formatMailId({ folder: path, validity, uid }),
    probe: () => session.noop(),
  });
  for await (const { ids, answer, failures } of batches) {
    const last = ids.at(-1) ?? 0;
    yield { last, ...(answer ?? { page: { episodes: [], failures }, known: [] }) };
  }
}

function pageOf(reading: FolderReading, { mails, drafts }: FetchedMails): Omit<ReadMails, "last"> {
  const known: KnownMail[] = [];
  const skipped = new Map(drafts === 0 ? [] : [["draft", drafts]]);
  const mapped = mapItems(
    mails.filter((mail) => isWithin(mail, reading)),
    {
      id: formatMailId,
      raw: toRawMail,
      map(mail) {
        const { episodes, skipped: reason } = reading.map(mail);
        for (const episode of episodes) known.push(knownMail(mail.uid, episode));
        if (reason !== undefined) skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
        return episodes;
      },
    },
  );
  return { page: { ...mapped, ...(skipped.size > 0 && { skipped: Object.fromEntries(skipped) }) }, known };
}

function isWithin({ at }: FetchedMail, { sinceMs = -Infinity, untilMs = Infinity }: FolderReading): boolean {
  const atMs = at === undefined ? Number.NaN : Date.parse(at);
  return !(atMs < sinceMs) && !(atMs >= untilMs);
}
