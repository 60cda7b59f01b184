import { setImmediate as nextTurn } from "node:timers/promises";
import type { Inbox, InboxStats, InboxView } from "@statewave-connectors/connector-sdk/inbox";
import type { InboxSetting } from "@statewave-connectors/testing";
import { InMemoryInbox } from "../src/index.ts";
import { altered, alteringConsume, alteringIds, alteringSettlements, ReopenableInboxes, without } from "./altered-inbox.ts";
import type { BrokenInbox } from "./broken-inboxes.ts";

const broken = (defect: string, caughtBy: string, alter: (inbox: Inbox, setting: InboxSetting) => Inbox): BrokenInbox => ({
  defect,
  caughtBy,
  open: (setting) => alter(new InMemoryInbox(setting), setting),
});

const brokenStats = (defect: string, caughtBy: string, change: (stats: InboxStats) => InboxStats) =>
  broken(defect, caughtBy, (inbox) => altered(inbox, { stats: async () => change(await inbox.stats()) }));

type SourceCounts = Awaited<ReturnType<NonNullable<InboxView["countBySource"]>>>;

const brokenView = (defect: string, change: (counts: SourceCounts) => SourceCounts) =>
  broken(defect, "counts what waits of each source, claimed items included and dead letters left out", (inbox) => {
    const { view } = inbox;
    if (view === undefined) throw new Error("the inbox in memory has a view");
    return altered(inbox, { view: { ...view, countBySource: async () => change((await view.countBySource?.()) ?? []) } });
  });

const once = "buries an episode once however often it is called, and the first reason stays";
const paging = "lists letters page by page, each exactly once";
const transitions = "counts depth and bytes exactly through accept, claim, retry, burial and settlement";

export const brokenLetters: readonly BrokenInbox[] = [
  broken("buries the same episode again and again", once, (inbox) =>
    altered(inbox, {
      buryEpisode: (source, episode, reason) =>
        inbox.buryEpisode(source, { ...episode, idempotency_key: `${episode.idempotency_key} ${Math.random()}` }, reason),
    }),
  ),
  broken("keeps the last reason", once, (inbox) =>
    altered(inbox, {
      buryEpisode: async (source, episode, reason) => {
        const same = await inbox.listDeadLetters({ source });
        await inbox.discardDeadLetters(same.map(({ key }) => key));
        await inbox.buryEpisode(source, episode, reason);
      },
    }),
  ),
  broken("joins subject and key without a border", "keeps apart episodes of other sources, subjects and keys", (inbox) =>
    altered(inbox, {
      buryEpisode: (source, episode, reason) =>
        inbox.buryEpisode(
          source,
          { ...episode, subject: "", idempotency_key: episode.subject + episode.idempotency_key },
          reason,
        ),
    }),
  ),
  broken("shortens reasons", "keeps a dead event with its reason, raw, and out of the queue", (inbox) =>
    alteringSettlements(inbox, (settlement) =>
      settlement.type === "dead" ? { type: "dead", reason: settlement.reason.toWellFormed() } : settlement,
    ),
  ),
  broken("drops dead events", "keeps a dead event with its reason, raw, and out of the queue", (inbox) =>
    alteringSettlements(inbox, (settlement) => (settlement.type === "dead" ? { type: "done" } : settlement)),
  ),
  broken("drops dead triggers", "keeps a dead trigger as an event that can be put back", (inbox) =>
    alteringSettlements(inbox, (settlement, { item }) => (item.type === "trigger" ? { type: "done" } : settlement)),
  ),
  broken("lists whole items", "lists letters oldest first, without their items", (inbox) =>
    altered(inbox, {
      listDeadLetters: async (query) => {
        const letters = await inbox.listDeadLetters(query);
        return Promise.all(letters.map(async ({ key }) => (await inbox.getDeadLetter(key))!));
      },
    }),
  ),
  broken("lists the newest first", "lists letters oldest first, without their items", (inbox) =>
    altered(inbox, { listDeadLetters: async (query) => (await inbox.listDeadLetters(query)).toReversed() }),
  ),
  broken("starts every page at the beginning", paging, (inbox) =>
    altered(inbox, { listDeadLetters: (query = {}) => inbox.listDeadLetters(without(query, "after")) }),
  ),
  broken("pages by position", "continues after a letter that was discarded meanwhile", (inbox) =>
    altered(inbox, {
      listDeadLetters: async ({ after, ...query } = {}) => {
        const all = await inbox.listDeadLetters({ ...query, limit: 1_000 });
        return all.slice(after === undefined ? 0 : Number(after), query.limit);
      },
    }),
  ),
  broken("lists letters of every source", "lists 100 letters by default, and those of one source alone", (inbox) =>
    altered(inbox, { listDeadLetters: (query = {}) => inbox.listDeadLetters(without(query, "source")) }),
  ),
  broken("lists all letters at once", "lists 100 letters by default, and those of one source alone", (inbox) =>
    altered(inbox, { listDeadLetters: (query) => inbox.listDeadLetters({ limit: 1_000, ...query }) }),
  ),
  broken("loses letters that are put back", "puts a dead episode back to be sent again, as an episode", (inbox) =>
    altered(inbox, {
      retryDeadLetters: async (keys) => {
        await inbox.discardDeadLetters(keys);
        return keys.length;
      },
    }),
  ),
  broken("puts letters back twice", "moves hundreds of letters in one call", (inbox) =>
    altered(inbox, {
      retryDeadLetters: async (keys) => {
        const letters = await Promise.all(keys.map((key) => inbox.getDeadLetter(key)));
        const count = await inbox.retryDeadLetters(keys);
        const item = letters[0]?.item;
        if (item !== undefined) await inbox.accept(item);
        return count;
      },
    }),
  ),
  broken("counts what it was asked for", "passes over unknown keys, and over one that comes twice", (inbox) =>
    altered(inbox, {
      discardDeadLetters: async (keys) => {
        await inbox.discardDeadLetters(keys);
        return keys.length;
      },
    }),
  ),
  broken("puts discarded letters back", "discards letters for good", (inbox) =>
    altered(inbox, { discardDeadLetters: (keys) => inbox.retryDeadLetters(keys) }),
  ),
  broken("still finds discarded letters", "discards letters for good", (inbox) => {
    const found = new Map<string, NonNullable<Awaited<ReturnType<Inbox["getDeadLetter"]>>>>();
    return altered(inbox, {
      discardDeadLetters: async (keys) => {
        for (const key of keys) {
          const letter = await inbox.getDeadLetter(key);
          if (letter !== undefined) found.set(key, letter);
        }
        return inbox.discardDeadLetters(keys);
      },
      getDeadLetter: async (key) => found.get(key) ?? inbox.getDeadLetter(key),
    });
  }),
];

export const brokenFigures: readonly BrokenInbox[] = [
  brokenStats("counts no bytes", transitions, (stats) => ({ ...stats, bytes: 0 })),
  brokenStats("counts dead letters as depth", transitions, (stats) => ({
    ...stats,
    depth: stats.depth + stats.deadLetters.length,
  })),
  broken("leaves claimed items out", transitions, (inbox) => {
    let claimed = 0;
    const counting = alteringConsume(inbox, (handler) => async (item) => {
      claimed += 1;
      return handler(item).finally(() => (claimed -= 1));
    });
    return altered(counting, { stats: async () => ({ ...(await inbox.stats()), depth: (await inbox.stats()).depth - claimed }) });
  }),
  brokenView("counts what waits of all sources together", (counts) => {
    const total = counts.reduce((sum, { count }) => sum + count, 0);
    return counts.map(({ source }) => ({ source, count: total }));
  }),
  brokenView("still counts the last item of a source when it is settled", (counts) =>
    counts.map(({ source, count }) => ({ source, count: count === 1 && source.kind === "slack" ? 2 : count })),
  ),
  brokenStats("counts letters of both types together", "counts dead letters by source and type", ({ deadLetters, ...stats }) => ({
    ...stats,
    deadLetters: deadLetters.map((letters) => ({ ...letters, type: "event" })),
  })),
  broken(
    "tells the present for the oldest",
    "reports when the oldest waiting item was accepted, and nothing once there is none",
    (inbox, { clock }) => altered(inbox, { stats: async () => ({ ...(await inbox.stats()), oldestAcceptedAtMs: clock.now() }) }),
  ),
];

export const brokenClosing: readonly BrokenInbox[] = [
  broken("goes on after close", "refuses every call after close", (inbox) => altered(inbox, { close: async () => undefined })),
  broken("fails to close twice", "closes twice, also at once", (inbox) =>
    altered(inbox, {
      close: async () => {
        await inbox.stats();
        await inbox.close();
      },
    }),
  ),
  broken("drops the accepts under way at close", "answers the accepts under way at close", (inbox) =>
    altered(inbox, {
      accept: async (item) => {
        await nextTurn();
        return inbox.accept(item);
      },
    }),
  ),
  broken("says nothing about its durability", "says what a 2xx means with it", (inbox) => altered(inbox, { durability: "" })),
];

/** Each breaks one promise about opening again. */
export function brokenReopening(): readonly BrokenInbox[] {
  const reopening = (
    defect: string,
    caughtBy: string,
    alter: (inbox: Inbox, generation: number, setting: InboxSetting) => Inbox,
  ): BrokenInbox => {
    const inboxes = new ReopenableInboxes();
    const generations = new Map<string, number>();
    return {
      defect,
      caughtBy,
      open: (setting) => {
        const generation = (generations.get(setting.storeName) ?? 0) + 1;
        generations.set(setting.storeName, generation);
        return alter(inboxes.open(setting), generation, setting);
      },
    };
  };
  const waiting = "finds waiting items and claimed ones, given back without an attempt, when it is opened again";
  return [
    reopening("forgets ids", "remembers ids when it is opened again, those of settled items too", (inbox, generation) =>
      alteringIds(inbox, (id) => `${id} ${generation}`),
    ),
    reopening("counts opening as an attempt", waiting, (inbox, generation) =>
      alteringConsume(inbox, (handler) => (claimed) => handler({ ...claimed, attempt: claimed.attempt + generation - 1 })),
    ),
    reopening("forgets everything", waiting, (_, __, setting) => new InMemoryInbox(setting)),
    reopening("forgets attempts", "finds attempts and the times of retries when it is opened again", (inbox, generation) =>
      alteringConsume(inbox, (handler) => (claimed) => handler({ ...claimed, attempt: generation > 1 ? 0 : claimed.attempt })),
    ),
    reopening(
      "forgets dead letters",
      "finds dead letters when it is opened again, and still buries the same episode once",
      (inbox, generation) => (generation > 1 ? altered(inbox, { listDeadLetters: async () => [] }) : inbox),
    ),
    reopening("loses the accepts under way at close", "finds the items of accepts that were under way at close", (inbox) =>
      altered(inbox, {
        accept: async (item) => {
          await nextTurn();
          return inbox.accept(item).catch(() => "fresh");
        },
      }),
    ),
    reopening("starts its keys over", "never uses the key of a settled item or a letter again", (inbox) =>
      alteringConsume(inbox, (handler) => (claimed) => handler({ ...claimed, key: "1" })),
    ),
  ];
}
