import { expect } from "vitest";
import type { InboxCase } from "../inbox-case.ts";
import { github, sampleEvent, slack, textEvent, textOf } from "../samples.ts";
import { itemAt, required } from "../../required.ts";

const kib = 1024;
const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index));

/** Who gets what, and how much at a time. */
export const consumeCases: readonly InboxCase[] = [
  {
    title: "hands out every item once, with attempt 0 and a key of its own",
    async run(harness) {
      const inbox = await harness.open();
      const texts = numbers(120);
      await Promise.all(texts.map((text) => inbox.accept(textEvent(text))));
      const seen = new Map<string, string>();
      const all = Promise.withResolvers<void>();
      inbox.consume(async ({ key, item, attempt }) => {
        expect(attempt).toBe(0);
        seen.set(key, textOf(item));
        if (seen.size === texts.length) all.resolve();
        return { type: "done" };
      });
      await harness.within(all.promise, () => "all items");
      await harness.rest(inbox);
      expect([...seen.values()].toSorted()).toEqual(texts.toSorted());
      expect((await inbox.stats()).depth).toBe(0);
    },
  },
  {
    title: "hands out an item that arrives while the consumer waits",
    async run(harness) {
      const inbox = await harness.open();
      const consumer = harness.consume(inbox);
      expect(await consumer.rest()).toHaveLength(0);
      await inbox.accept(textEvent("late"));
      expect(textOf((await consumer.one()).item)).toBe("late");
    },
  },
  {
    title: "settles items one by one: a slow one holds no other",
    async run(harness) {
      const inbox = await harness.open();
      for (const text of ["slow", "quick"]) await inbox.accept(textEvent(text));
      const consumer = harness.consume(inbox);
      const quick = (await consumer.holding(2)).find(({ item }) => textOf(item) === "quick");
      await required(quick, "the claim of the quick item").settle({ type: "done" });
      expect((await inbox.stats()).depth).toBe(1);
      await inbox.accept(textEvent("next"));
      await consumer.holding(2);
      expect(consumer.held.map(({ item }) => textOf(item)).toSorted()).toEqual(["next", "slow"]);
    },
  },
  {
    title: "claims at most 50 items of one source at a time, and more as they settle",
    async run(harness) {
      const inbox = await harness.open();
      await Promise.all(numbers(60).map((text) => inbox.accept(textEvent(text))));
      await Promise.all(numbers(5).map((text) => inbox.accept(textEvent(text, github))));
      const consumer = harness.consume(inbox);
      await consumer.holding(55);
      expect(await consumer.rest()).toHaveLength(55);
      const ofSlack = consumer.held.filter(({ item }) => item.source.kind === "slack");
      expect(ofSlack).toHaveLength(50);
      await itemAt(ofSlack, 0).settle({ type: "done" });
      await consumer.claimedExactly(56);
    },
  },
  {
    title: "keeps to a limit of items that is given",
    async run(harness) {
      const inbox = await harness.open();
      await Promise.all(numbers(6).map((text) => inbox.accept(textEvent(text))));
      const consumer = harness.consume(inbox, { maxItemsPerSource: 2 });
      await consumer.holding(2);
      expect(await consumer.rest()).toHaveLength(2);
      for (let expected = 3; expected <= 6; expected += 1) {
        await itemAt(consumer.held, 0).settle({ type: "done" });
        await consumer.claimedExactly(expected);
      }
    },
  },
  {
    title: "keeps to a limit of bytes over all sources, and claims more as they settle",
    async run(harness) {
      const inbox = await harness.open();
      for (const source of [slack, github]) {
        for (let count = 0; count < 3; count += 1) await inbox.accept(sampleEvent({ source, body: Buffer.alloc(10 * kib) }));
      }
      const consumer = harness.consume(inbox, { maxBytes: 35 * kib });
      await consumer.holding(3);
      expect(await consumer.rest()).toHaveLength(3);
      await itemAt(consumer.held, 0).settle({ type: "done" });
      await consumer.claimedExactly(4);
    },
  },
  {
    title: "hands out an item larger than the limit of bytes, alone",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent({ body: Buffer.alloc(50 * kib) }));
      await inbox.accept(sampleEvent({ body: Buffer.alloc(50 * kib) }));
      const consumer = harness.consume(inbox, { maxBytes: 10 * kib });
      await consumer.holding(1);
      expect(await consumer.rest()).toHaveLength(1);
      await itemAt(consumer.held, 0).settle({ type: "done" });
      await consumer.claimedExactly(2);
    },
  },
  {
    title: "lets a source with few items through beside one with very many",
    async run(harness) {
      const inbox = await harness.open();
      await Promise.all(numbers(400).map((text) => inbox.accept(textEvent(text))));
      await Promise.all(numbers(5).map((text) => inbox.accept(textEvent(text, github))));
      let handled = 0;
      const handledAt: number[] = [];
      const all = Promise.withResolvers<void>();
      const handler = async ({ item }: { readonly item: { readonly source: { readonly kind: string } } }) => {
        handled += 1;
        if (item.source.kind === "github") handledAt.push(handled);
        if (handledAt.length === 5) all.resolve();
        return { type: "done" } as const;
      };
      inbox.consume(handler, { maxItemsPerSource: 10 });
      await harness.within(all.promise, () => "the small source's items");
      expect(Math.max(...handledAt)).toBeLessThan(200);
    },
  },
  {
    title: "gives each of many sources its turn when the bytes are scarce",
    async run(harness) {
      const inbox = await harness.open();
      const sources = numbers(5).map((name) => ({ kind: "slack", name }));
      for (const source of sources) {
        for (let count = 0; count < 10; count += 1) await inbox.accept(sampleEvent({ source, body: Buffer.alloc(kib) }));
      }
      const consumer = harness.consume(inbox, { maxBytes: 2 * kib });
      const served = new Set<string>();
      for (let turn = 0; turn < 20; turn += 1) {
        const claim = await consumer.one();
        served.add(claim.item.source.name);
        await claim.settle({ type: "done" });
      }
      expect(served.size).toBe(5);
    },
  },
  {
    title: "refuses a second consumer while one runs, and takes one when it has stopped",
    async run(harness) {
      const inbox = await harness.open();
      const first = harness.consume(inbox);
      expect(() => inbox.consume(async () => ({ type: "done" }))).toThrow(
        expect.objectContaining({ code: "INBOX_CONSUMER_RUNNING" }),
      );
      await first.stopHard();
      await inbox.accept(textEvent("a"));
      expect(textOf((await harness.consume(inbox).one()).item)).toBe("a");
    },
  },
];
