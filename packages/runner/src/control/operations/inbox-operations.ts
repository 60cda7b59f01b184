import type { Clock } from "@statewave-connectors/connector-sdk";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { Engine } from "../../composition/engine.ts";
import { type LetterPlaces, readLetter, replaceLetter } from "../../failed-items/edit-letter.ts";
import { ownerOf } from "../../failed-items/item-owner.ts";
import { type ItemRetry, retryLetters } from "../../failed-items/retry-letters.ts";
import { withAbout } from "../../inbox-view/letter-about.ts";
import { requireInboxView } from "../../inbox-view/require-inbox-view.ts";
import { toShownLetter } from "../../inbox-view/shown-letter.ts";
import { toShownQueued, withoutItem } from "../../inbox-view/shown-queued.ts";
import type { Privacy } from "../../privacy/privacy.ts";
import type { LetterOperations, QueueOperations } from "./operations.ts";

/** On an inbox that is opened when the first of them is called. */
export function queueOperations(inbox: () => Promise<Inbox>, openPrivacy: () => Promise<Privacy>): QueueOperations {
  return {
    inboxStats: async () => (await inbox()).stats(),
    listQueued: async (query) => (await requireInboxView(await inbox()).list(query)).map(withoutItem),
    getQueued: async (key) => {
      const queued = await requireInboxView(await inbox()).get(key);
      return queued && toShownQueued(queued, await openPrivacy());
    },
    countQueued: async () => (await inbox()).view?.countBySource?.(),
    remembersEvent: async (source, id) => requireInboxView(await inbox()).remembers(source, id),
  };
}

/** What operations on dead letters are carried out with: each is opened when it is first used. */
export interface LetterContext {
  readonly inbox: () => Promise<Inbox>;
  readonly privacy: () => Promise<Privacy>;
  /** Absent from a store that keeps none. */
  readonly records: () => Promise<StoreRecords | undefined>;
  /** Delivers items that are mapped again. */
  readonly engine: () => Promise<Engine>;
  readonly clock: Clock;
}

export function letterOperations({ inbox, privacy, records, engine, clock }: LetterContext): LetterOperations {
  const places = async (): Promise<LetterPlaces> => ({
    inbox: await inbox(),
    privacy: await privacy(),
    records: await records(),
    clock,
  });
  return {
    async listDeadLetters({ about = false, ...query }) {
      const [opened, redaction] = [await inbox(), await privacy()];
      const letters = await opened.listDeadLetters(query);
      const listed = about ? await withAbout(letters, opened) : letters;
      return listed.map((letter) => ({ ...letter, ...redaction.redactLetter(letter) }));
    },
    async getDeadLetter(key) {
      const letter = await (await inbox()).getDeadLetter(key);
      return letter && toShownLetter((await privacy()).redactLetter(letter));
    },
    readLetter: async (key) => readLetter(await places(), key),
    replaceLetter: async (edit) => replaceLetter(await places(), edit),
    retryDeadLetters: async (keys) => retryLetters(await inbox(), keys, async () => itemRetryOf(await engine())),
    discardDeadLetters: async (keys) => (await inbox()).discardDeadLetters(keys),
  };
}

function itemRetryOf({ delivery, entries, clock, random }: Engine): ItemRetry {
  return { delivery, clock, random, ownerOf: (item) => ownerOf(entries, item) };
}
