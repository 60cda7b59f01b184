import { type SourceKey, sleep } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { DeadLetter, DeadLetterQuery, Inbox, InboxItem, QueuedItem } from "@statewave-connectors/connector-sdk/inbox";
import { requireInboxView } from "../inbox-view/require-inbox-view.ts";
import { steadyNow } from "../steady-now.ts";
import { type Belonging, belongingOf, type Mapping } from "./belonging.ts";
import { discardMissing } from "./erase-errors.ts";
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

export interface ItemPlaces extends Mapping {
  readonly inbox: Inbox;
  /** Forgets an item that this process has claimed while the sink takes nothing; answers whether there was one. Absent: it delivers nothing. */
  readonly revoke?: ((item: InboxItem) => boolean) | undefined;
}

const pageLength = 500;
/** Items read and mapped at a time: one can have a megabyte. */
const atOnce = 8;
const mostNamed = 50;
/** An item under way is waited for: it is delivered by then, or given back. */
const deliveryWithinMs = 30_000;
const lookEveryMs = 250;

/** Counts, or erases with `erases`, what waits and what is a dead letter. */
export async function visitItems(places: ItemPlaces, of: SubjectSpellings, erases: boolean): Promise<FoundItems> {
  const { inbox } = places;
  if (erases && inbox.discardQueued === undefined) throw discardMissing();
  const queue = await (erases ? eraseQueue(places, of) : visitQueue(places, of, false));
  // Behind the queue: what cannot be delivered becomes a letter.
  const letters = await visitLetters(places, of, erases);
  // Without keys, for a file that still has traces of what was delivered or deleted.
  if (erases) await inbox.discardQueued?.([]);
  const undecided = [...queue.undecided, ...letters.undecided];
  return {
    waiting: queue.waiting,
    inDelivery: queue.inDelivery,
    deadLetters: letters.found,
    undecided: undecided.slice(0, mostNamed),
    undecidedCount: undecided.length,
  };
}

/** As long as something is being delivered, it is looked at again. */
async function eraseQueue(places: ItemPlaces, of: SubjectSpellings): Promise<FoundQueue> {
  const { clock, signal } = places;
  const endsAtMs = steadyNow(clock) + deliveryWithinMs;
  let waiting = 0;
  for (;;) {
    const queue = await visitQueue(places, of, true);
    waiting += queue.waiting;
    if (queue.inDelivery === 0 || steadyNow(clock) >= endsAtMs) return { ...queue, waiting };
    await sleep(clock, lookEveryMs, signal);
  }
}

type FoundQueue = Pick<FoundItems, "waiting" | "inDelivery" | "undecided">;

async function visitQueue(places: ItemPlaces, of: SubjectSpellings, erases: boolean): Promise<FoundQueue> {
  const { inbox } = places;
  const view = requireInboxView(inbox);
  const undecided: string[] = [];
  let [waiting, inDelivery] = [0, 0];
  const visit = async ({ key, source, type }: QueuedItem) => {
    if (type === "trigger" || (type !== "episode" && isOthers(places, source, of))) return;
    const queued = await view.get(key);
    if (queued?.item === undefined) return;
    const belonging = await belongingOf(queued.item, of, places);
    if (belonging.type === "undecided") undecided.push(`inbox ${key} of ${formatSourceKey(source)}`);
    if (belonging.type !== "whole" && belonging.type !== "part") return;
    if (!erases) {
      waiting += queued.isClaimed ? 0 : 1;
      inDelivery += queued.isClaimed ? 1 : 0;
    } else if (queued.isClaimed) {
      // With the episodes of others it would leave before they are back in the queue.
      const isRevoked = belonging.type === "whole" && places.revoke?.(queued.item) === true;
      if (isRevoked) waiting += 1;
      else inDelivery += 1;
    } else if (await discardQueued(places, queued.item, key, belonging)) waiting += 1;
    else inDelivery += 1;
  };
  await eachOf((query) => view.list(query), visit, places.signal);
  return { waiting, inDelivery, undecided };
}

/** The episodes of others are back in the queue before the event leaves it: a crash in between delivers them twice, and loses none. */
async function discardQueued({ inbox, clock }: ItemPlaces, item: InboxItem, key: string, belonging: Belonging): Promise<boolean> {
  if (belonging.type === "part")
    for (const episode of belonging.others)
      await inbox.accept({ type: "episode", source: item.source, episode, receivedAtMs: clock.now() });
  return (await inbox.discardQueued?.([key])) === 1;
}

async function visitLetters(places: ItemPlaces, of: SubjectSpellings, erases: boolean) {
  const { inbox } = places;
  const undecided: string[] = [];
  let found = 0;
  const visit = async ({ key, source, type, reason }: DeadLetter) => {
    if (type !== "episode" && isOthers(places, source, of)) return;
    const item = (await inbox.getDeadLetter(key))?.item;
    if (item === undefined) return;
    const belonging = await belongingOf(item, of, places);
    if (belonging.type === "undecided") undecided.push(`dead letter ${key} of ${formatSourceKey(source)}`);
    if (belonging.type !== "whole" && belonging.type !== "part") return;
    if (erases && belonging.type === "part")
      for (const episode of belonging.others) await inbox.buryEpisode(source, episode, reason);
    if (!erases || (await inbox.discardDeadLetters([key])) === 1) found += 1;
  };
  await eachOf((query) => inbox.listDeadLetters(query), visit, places.signal);
  return { found, undecided };
}

/** Whether every entry of the source gives its episodes another subject, so that nothing of it needs to be read. */
function isOthers({ entries }: ItemPlaces, source: SourceKey, of: SubjectSpellings): boolean {
  const key = formatSourceKey(source);
  const own = [...entries.pulls, ...entries.pushes].filter((entry) => formatSourceKey(entry.key) === key);
  return own.length > 0 && own.every(({ entry }) => entry.subject !== undefined && !isSubject(entry.subject, of));
}

async function eachOf<Row extends { readonly key: string }>(
  read: (query: DeadLetterQuery) => Promise<readonly Row[]>,
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
