import { sleep } from "@statewave-connectors/connector-sdk";
import type { InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { steadyNow } from "../steady-now.ts";
import { discardMissing } from "./erase-errors.ts";
import {
  type FoundItems,
  named,
  type OwnedLetter,
  type OwnedQueued,
  type SearchedInbox,
  visitLetters,
  visitQueue,
} from "./find-items.ts";
import type { SubjectSpellings } from "./subject-spellings.ts";

export interface ErasedInbox extends SearchedInbox {
  /** Forgets an item that this process has claimed while the sink takes nothing; answers whether there was one. Absent: it delivers nothing. */
  readonly revoke?: ((item: InboxItem) => boolean) | undefined;
}

/** An item under way is waited for: it is delivered by then, or given back. */
const deliveryWithinMs = 30_000;
const lookEveryMs = 250;

/** Removes what waits and what is a dead letter; answers what it removed, and what it could not. */
export async function eraseItems(erased: ErasedInbox, of: SubjectSpellings): Promise<FoundItems> {
  const { inbox } = erased;
  if (inbox.discardQueued === undefined) throw discardMissing();
  const queue = await eraseQueue(erased, of);
  // Behind the queue: what cannot be delivered becomes a letter.
  let deadLetters = 0;
  const inLetters = await visitLetters(erased, of, async (letter) => {
    if (await discardLetter(erased, letter)) deadLetters += 1;
  });
  // Without keys, for a file that still has traces of what was delivered or deleted.
  await inbox.discardQueued([]);
  const { waiting, inDelivery } = queue;
  return { waiting, inDelivery, deadLetters, ...named([...queue.undecided, ...inLetters]) };
}

type ErasedQueue = Pick<FoundItems, "waiting" | "inDelivery" | "undecided">;

/** As long as something is being delivered, it is looked at again. */
async function eraseQueue(erased: ErasedInbox, of: SubjectSpellings): Promise<ErasedQueue> {
  const { clock, signal } = erased;
  const endsAtMs = steadyNow(clock) + deliveryWithinMs;
  let waiting = 0;
  for (;;) {
    const round = await eraseQueueOnce(erased, of);
    waiting += round.waiting;
    if (round.inDelivery === 0 || steadyNow(clock) >= endsAtMs) return { ...round, waiting };
    await sleep(clock, lookEveryMs, signal);
  }
}

async function eraseQueueOnce(erased: ErasedInbox, of: SubjectSpellings): Promise<ErasedQueue> {
  let [waiting, inDelivery] = [0, 0];
  const undecided = await visitQueue(erased, of, async (queued) => {
    const isErased = queued.isClaimed ? revoke(erased, queued) : await discardQueued(erased, queued);
    if (isErased) waiting += 1;
    else inDelivery += 1;
  });
  return { waiting, inDelivery, undecided };
}

/** With the episodes of others an item would leave before they are back in the queue. */
function revoke(erased: ErasedInbox, { item, belonging }: OwnedQueued): boolean {
  return belonging.type === "whole" && erased.revoke?.(item) === true;
}

/** The episodes of others are back in the queue before the event leaves it: a crash in between delivers them twice, and loses none. */
async function discardQueued({ inbox, clock }: ErasedInbox, { key, item, belonging }: OwnedQueued): Promise<boolean> {
  if (belonging.type === "part")
    for (const episode of belonging.others)
      await inbox.accept({ type: "episode", source: item.source, episode, receivedAtMs: clock.now() });
  return (await inbox.discardQueued?.([key])) === 1;
}

/** As `discardQueued`: the episodes of others are letters before the letter goes. */
async function discardLetter({ inbox }: ErasedInbox, { key, source, reason, belonging }: OwnedLetter): Promise<boolean> {
  if (belonging.type === "part") for (const episode of belonging.others) await inbox.buryEpisode(source, episode, reason);
  return (await inbox.discardDeadLetters([key])) === 1;
}
