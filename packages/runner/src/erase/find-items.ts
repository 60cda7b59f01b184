import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { DeadLetter, ItemQuery, Inbox, InboxItem, QueuedItem } from "@statewave-connectors/connector-sdk/inbox";
import { requireInboxView } from "../inbox-view/require-inbox-view.ts";
import { belongingOf, type Mapping, type Owned } from "./belonging.ts";
import { isSubject, type SubjectSpellings } from "./subject-spellings.ts";

/** What the inbox holds of a subject. */
export interface FoundItems {
  readonly waiting: number;
  /** Claimed by a process that delivers them. */
  readonly inDelivery: number;
  readonly deadLetters: number;
  /** Items that mention the subject and cannot be mapped, each as `inbox <key> of kind/name` or `dead letter <key> of …`; the first of them. */
  readonly undecided: readonly string[];
  readonly undecidedCount: number;
}

export interface SearchedInbox extends Mapping {
  readonly inbox: Inbox;
}

/** An item in the queue that belongs to the subject. */
export interface OwnedQueued {
  readonly key: string;
  readonly item: InboxItem;
  readonly isClaimed: boolean;
  readonly belonging: Owned;
}

/** A dead letter that belongs to the subject. */
export interface OwnedLetter {
  readonly key: string;
  readonly source: SourceKey;
  readonly reason: string;
  readonly belonging: Owned;
}

const pageLength = 500;
/** Items read and mapped at a time: one can have a megabyte. */
const atOnce = 8;
const mostNamed = 50;

/** Counts what waits and what is a dead letter. Changes nothing. */
export async function findItems(searched: SearchedInbox, of: SubjectSpellings): Promise<FoundItems> {
  let [waiting, inDelivery, deadLetters] = [0, 0, 0];
  const inQueue = await visitQueue(searched, of, async ({ isClaimed }) => {
    waiting += isClaimed ? 0 : 1;
    inDelivery += isClaimed ? 1 : 0;
  });
  const inLetters = await visitLetters(searched, of, async () => void (deadLetters += 1));
  return { waiting, inDelivery, deadLetters, ...named([...inQueue, ...inLetters]) };
}

/** Calls `visit` with what belongs to the subject, several at a time. Resolves with the names of what is undecided. */
export async function visitQueue(
  searched: SearchedInbox,
  of: SubjectSpellings,
  visit: (found: OwnedQueued) => Promise<void>,
): Promise<readonly string[]> {
  const view = requireInboxView(searched.inbox);
  const undecided: string[] = [];
  const look = async ({ key, source, type }: QueuedItem) => {
    if (type === "trigger" || (type !== "episode" && isOthers(searched, source, of))) return;
    const queued = await view.get(key);
    if (queued?.item === undefined) return;
    const { item, isClaimed } = queued;
    const belonging = await belongingOf(item, of, searched);
    if (belonging.type === "undecided") undecided.push(`inbox ${key} of ${formatSourceKey(source)}`);
    else if (belonging.type !== "none") await visit({ key, item, isClaimed, belonging });
  };
  await eachOf((query) => view.list(query), look, searched.signal);
  return undecided;
}

/** As `visitQueue`, for dead letters. */
export async function visitLetters(
  searched: SearchedInbox,
  of: SubjectSpellings,
  visit: (found: OwnedLetter) => Promise<void>,
): Promise<readonly string[]> {
  const { inbox } = searched;
  const undecided: string[] = [];
  const look = async ({ key, source, type, reason }: DeadLetter) => {
    if (type !== "episode" && isOthers(searched, source, of)) return;
    const item = (await inbox.getDeadLetter(key))?.item;
    if (item === undefined) return;
    const belonging = await belongingOf(item, of, searched);
    if (belonging.type === "undecided") undecided.push(`dead letter ${key} of ${formatSourceKey(source)}`);
    else if (belonging.type !== "none") await visit({ key, source, reason, belonging });
  };
  await eachOf((query) => inbox.listDeadLetters(query), look, searched.signal);
  return undecided;
}

/** The first of what is undecided, and how many there are. */
export function named(undecided: readonly string[]): Pick<FoundItems, "undecided" | "undecidedCount"> {
  return { undecided: undecided.slice(0, mostNamed), undecidedCount: undecided.length };
}

/** Whether every entry of the source gives its episodes another subject, so that nothing of it needs to be read. */
function isOthers({ entries }: SearchedInbox, source: SourceKey, of: SubjectSpellings): boolean {
  const key = formatSourceKey(source);
  const own = [...entries.pulls, ...entries.pushes].filter((entry) => formatSourceKey(entry.key) === key);
  return own.length > 0 && own.every(({ entry }) => entry.subject !== undefined && !isSubject(entry.subject, of));
}

async function eachOf<Row extends { readonly key: string }>(
  read: (query: ItemQuery) => Promise<readonly Row[]>,
  visit: (row: Row) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const page = await read({ limit: pageLength, ...(after === undefined ? {} : { after }) });
    for (let start = 0; start < page.length; start += atOnce) {
      signal.throwIfAborted();
      await Promise.all(page.slice(start, start + atOnce).map(visit));
    }
    after = page.at(-1)?.key;
    if (page.length < pageLength) return;
  }
}
