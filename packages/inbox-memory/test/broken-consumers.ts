import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { furthestRetryMs, type Inbox, type InboxConsumer } from "@statewave-connectors/connector-sdk/inbox";
import type { InboxSetting } from "@statewave-connectors/testing";
import { InMemoryInbox } from "../src/index.ts";
import { altered, alteringConsume, alteringEvents, alteringSettlements } from "./altered-inbox.ts";
import type { BrokenInbox } from "./broken-inboxes.ts";

const broken = (defect: string, caughtBy: string, alter: (inbox: Inbox) => Inbox): BrokenInbox => ({
  defect,
  caughtBy,
  open: (setting: InboxSetting) => alter(new InMemoryInbox(setting)),
});

/** The inbox with parts of its consumer replaced. */
function alteringConsumer(inbox: Inbox, change: (consumer: InboxConsumer) => Partial<InboxConsumer>): Inbox {
  return altered(inbox, {
    consume: (handler, options) => {
      const consumer = inbox.consume(handler, options);
      return {
        pause: () => consumer.pause(),
        resume: () => consumer.resume(),
        stop: (signal) => consumer.stop(signal),
        ...change(consumer),
      };
    },
  });
}

export const brokenConsumers: readonly BrokenInbox[] = [
  broken("hands items out twice", "hands out every item once, with attempt 0 and a key of its own", (inbox) => {
    const twice = new Set<string>();
    return alteringSettlements(inbox, (settlement, { key }) => {
      if (twice.has(key)) return settlement;
      twice.add(key);
      return { type: "retry", afterMs: 0 };
    });
  }),
  broken("settles in the order of its claims", "settles items one by one: a slow one holds no other", (inbox) => {
    let last: Promise<unknown> = Promise.resolve();
    return alteringConsume(inbox, (handler) => async (claimed) => {
      const before = last;
      const settlement = handler(claimed);
      last = settlement;
      await before;
      return settlement;
    });
  }),
  broken("claims 51 items of one source", "claims at most 50 items of one source at a time, and more as they settle", (inbox) =>
    alteringConsume(
      inbox,
      (handler) => handler,
      (given) => ({ maxItemsPerSource: 51, ...given }),
    ),
  ),
  broken("ignores the limit of items", "keeps to a limit of items that is given", (inbox) =>
    alteringConsume(
      inbox,
      (handler) => handler,
      (given) => ({ ...given, maxItemsPerSource: 50 }),
    ),
  ),
  broken("ignores the limit of bytes", "keeps to a limit of bytes over all sources, and claims more as they settle", (inbox) =>
    alteringConsume(
      inbox,
      (handler) => handler,
      (given) => ({ ...given, maxBytes: Number.MAX_SAFE_INTEGER }),
    ),
  ),
  broken("serves sources in order of arrival", "lets a source with few items through beside one with very many", inOneQueue),
  broken(
    "claims while it is paused",
    "hands out nothing while paused, lets what is claimed settle, and continues at resume",
    (inbox) => alteringConsumer(inbox, () => ({ pause: () => undefined })),
  ),
  broken("stays paused", "hands out nothing while paused, lets what is claimed settle, and continues at resume", (inbox) =>
    alteringConsumer(inbox, () => ({ resume: () => undefined })),
  ),
  broken("does not wait at stop", "waits at stop for the claimed items to settle and fetches nothing more", (inbox) =>
    alteringConsumer(inbox, () => ({ stop: async () => undefined })),
  ),
  broken("goes on fetching at stop", "waits at stop for the claimed items to settle and fetches nothing more", (inbox) =>
    alteringConsumer(inbox, () => ({
      stop: (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
    })),
  ),
  broken("never gives up at stop", "gives claimed items back at a hard stop, signals them, and counts no attempt", (inbox) =>
    alteringConsumer(inbox, (consumer) => ({ stop: () => consumer.stop(new AbortController().signal) })),
  ),
  broken("does not signal lost claims", "gives claimed items back at a hard stop, signals them, and counts no attempt", (inbox) =>
    alteringConsume(inbox, (handler) => (claimed) => handler({ ...claimed, signal: new AbortController().signal })),
  ),
  broken(
    "counts an attempt for every claim",
    "gives claimed items back at a hard stop, signals them, and counts no attempt",
    (inbox) => {
      const claims = new Map<string, number>();
      return alteringConsume(inbox, (handler) => (claimed) => {
        const attempt = claims.get(claimed.key) ?? 0;
        claims.set(claimed.key, attempt + 1);
        return handler({ ...claimed, attempt });
      });
    },
  ),
  broken("buries what is settled too late", "ignores what is settled after a hard stop", (inbox) =>
    alteringSettlements(inbox, async (settlement, { item, signal }) => {
      if (signal.aborted && settlement.type === "dead") await inbox.buryEpisode(item.source, lateEpisode, settlement.reason);
      return settlement;
    }),
  ),
  broken("takes a second consumer", "refuses a second consumer while one runs, and takes one when it has stopped", (inbox) =>
    altered(inbox, { consume: () => ({ pause: () => undefined, resume: () => undefined, stop: async () => undefined }) }),
  ),
  broken(
    "lets close pass without a word to claimed items",
    "signals the claimed items at close and hands out nothing more",
    (inbox) => altered(inbox, { close: async () => undefined }),
  ),
];

export const brokenRetries: readonly BrokenInbox[] = [
  broken("retries at once", "hands a retried item out again after its delay and not before, with the attempt counted", (inbox) =>
    alteringSettlements(inbox, (settlement) => (settlement.type === "retry" ? { type: "retry", afterMs: 0 } : settlement)),
  ),
  broken("retries late", "hands a retried item out again after its delay and not before, with the attempt counted", (inbox) =>
    alteringSettlements(inbox, (settlement) =>
      settlement.type === "retry" ? { type: "retry", afterMs: settlement.afterMs * 2 } : settlement,
    ),
  ),
  broken(
    "keeps to the time that a clock years ahead has set",
    "hands out at once what a clock that was ahead postponed for years, also behind one whose time will come",
    (inbox) =>
      alteringSettlements(inbox, (settlement) =>
        settlement.type === "retry" ? { type: "retry", afterMs: Math.min(settlement.afterMs, furthestRetryMs) } : settlement,
      ),
  ),
  broken(
    "counts no attempts",
    "hands a retried item out again after its delay and not before, with the attempt counted",
    (inbox) => alteringConsume(inbox, (handler) => (claimed) => handler({ ...claimed, attempt: 0 })),
  ),
  broken(
    "gives a retried item a new key",
    "hands a retried item out again after its delay and not before, with the attempt counted",
    (inbox) =>
      alteringConsume(inbox, (handler) => (claimed) => handler({ ...claimed, key: `${claimed.key}.${claimed.attempt}` })),
  ),
  broken("buries after ten attempts", "retries for ever: no number of attempts makes an item dead", (inbox) =>
    alteringSettlements(inbox, (settlement, { attempt }) =>
      settlement.type === "retry" && attempt > 10 ? { type: "dead", reason: "too many attempts" } : settlement,
    ),
  ),
  broken("takes a throw for done", "keeps an item whose handler threw, and hands out the other ones", (inbox) =>
    alteringConsume(inbox, (handler) => (claimed) => handler(claimed).catch(() => ({ type: "done" }))),
  ),
  broken("retries a throw at once", "retries an item whose handler threw after a minute, with the attempt counted", (inbox) =>
    alteringConsume(inbox, (handler) => (claimed) => handler(claimed).catch(() => ({ type: "retry", afterMs: 0 }))),
  ),
  broken("retries one item at a time", "hands out other items while one waits for its time, and each at its own time", (inbox) =>
    alteringSettlements(inbox, (settlement) =>
      settlement.type === "retry" ? { type: "retry", afterMs: Math.max(settlement.afterMs, 6 * 60_000) } : settlement,
    ),
  ),
];

/** One queue for all sources; the right source is put back on the way out. */
function inOneQueue(inbox: Inbox): Inbox {
  const inQueue = alteringEvents(inbox, (event) => ({
    ...event,
    source: { kind: "all", name: "all" },
    headers: { ...event.headers, source: JSON.stringify(event.source) },
  }));
  return altered(inQueue, {
    consume: (handler, options) =>
      inbox.consume((claimed) => {
        const { item } = claimed;
        if (item.type !== "event") return handler(claimed);
        const source = JSON.parse(item.headers["source"] ?? "") as SourceKey;
        return handler({ ...claimed, item: { ...item, source } });
      }, options),
  });
}

const lateEpisode = {
  subject: "late",
  kind: "late",
  text: "late",
  occurred_at: "2026-01-01T00:00:00Z",
  source: { type: "late", id: "late" },
  idempotency_key: "late",
};
