import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "vitest";
import type { InboxCase } from "../inbox-case.ts";
import { sampleEpisode, sampleEvent, slack, textEvent, textOf } from "../samples.ts";
import { itemAt } from "../../required.ts";

const isPersistent = { holdsFor: ({ persistent }: { readonly persistent: boolean }) => persistent };

/** Closing, and what is there afterwards. */
export const lifecycleCases: readonly InboxCase[] = [
  {
    title: "says what a 2xx means with it",
    async run(harness) {
      expect((await harness.open()).durability).toMatch(/\w \w/);
    },
  },
  {
    title: "refuses every call after close",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.close();
      const closed = { code: "INBOX_CLOSED" };
      await expect(inbox.accept(sampleEvent())).rejects.toMatchObject(closed);
      await expect(inbox.buryEpisode(slack, sampleEpisode("1"), "no")).rejects.toMatchObject(closed);
      await expect(inbox.listDeadLetters()).rejects.toMatchObject(closed);
      await expect(inbox.getDeadLetter("1")).rejects.toMatchObject(closed);
      await expect(inbox.retryDeadLetters(["1"])).rejects.toMatchObject(closed);
      await expect(inbox.discardDeadLetters(["1"])).rejects.toMatchObject(closed);
      await expect(inbox.stats()).rejects.toMatchObject(closed);
      expect(() => inbox.consume(async () => ({ type: "done" }))).toThrow(expect.objectContaining(closed));
    },
  },
  {
    title: "closes twice, also at once",
    async run(harness) {
      const inbox = await harness.open();
      await Promise.all([inbox.close(), inbox.close()]);
      await inbox.close();
    },
  },
  {
    title: "answers the accepts under way at close",
    async run(harness) {
      const inbox = await harness.open();
      const accepts = Promise.all(Array.from({ length: 20 }, () => inbox.accept(sampleEvent())));
      await harness.within(inbox.close(), () => "the inbox to close");
      expect(await accepts).toEqual(Array.from({ length: 20 }, () => "fresh"));
    },
  },
  {
    title: "signals the claimed items at close and hands out nothing more",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent());
      const consumer = harness.consume(inbox);
      const claim = await consumer.one();
      await harness.within(inbox.close(), () => "the inbox to close");
      expect(claim.signal.aborted).toBe(true);
      await harness.within(consumer.consumer.stop(new AbortController().signal), () => "the consumer to stop");
    },
  },
  {
    title: "forgets everything when it is opened again",
    holdsFor: ({ persistent }) => !persistent,
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent({ id: "a" }));
      await inbox.buryEpisode(slack, sampleEpisode("1"), "refused");
      await inbox.close();
      const again = await harness.open();
      expect(await again.stats()).toEqual({ depth: 0, bytes: 0, deadLetters: [] });
      expect(await again.accept(sampleEvent({ id: "a" }))).toBe("fresh");
    },
  },
  {
    title: "finds waiting items and claimed ones, given back without an attempt, when it is opened again",
    ...isPersistent,
    async run(harness) {
      const inbox = await harness.open();
      for (const text of ["claimed", "waiting"]) await inbox.accept(textEvent(text));
      await harness.consume(inbox, { maxItemsPerSource: 1 }).one();
      await inbox.close();
      const again = await harness.open();
      expect(await again.stats()).toMatchObject({ depth: 2, bytes: 14 });
      const claims = await harness.consume(again).holding(2);
      expect(claims.map(({ item }) => textOf(item)).toSorted()).toEqual(["claimed", "waiting"]);
      expect(claims.map(({ attempt }) => attempt)).toEqual([0, 0]);
    },
  },
  {
    title: "finds the items of accepts that were under way at close",
    ...isPersistent,
    async run(harness) {
      const inbox = await harness.open();
      const accepts = Array.from({ length: 20 }, () => inbox.accept(sampleEvent()));
      await inbox.close();
      await Promise.all(accepts);
      expect((await (await harness.open()).stats()).depth).toBe(20);
    },
  },
  {
    title: "finds at once what was just being handed out at close",
    ...isPersistent,
    async run(harness) {
      for (const turns of [0, 1, 2, 4, 8]) {
        const inbox = await harness.open();
        if (turns === 0) for (const text of ["one", "two", "three"]) await inbox.accept(textEvent(text));
        const consumer = harness.consume(inbox, { maxItemsPerSource: 2 });
        for (let turn = 0; turn < turns; turn += 1) await nextTurn();
        // A new event makes the consumer request work once more at that very moment.
        const accepting = inbox.accept(sampleEvent({ id: "the same" }));
        await inbox.close();
        await accepting;
        expect(consumer.held).toHaveLength(0);
      }
      await harness.consume(await harness.open()).holding(4);
    },
  },
  {
    title: "finds attempts and the times of retries when it is opened again",
    ...isPersistent,
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent());
      const first = await harness.consume(inbox).one();
      await first.settle({ type: "retry", afterMs: 4 * harness.unitMs });
      await inbox.close();
      const consumer = harness.consume(await harness.open());
      await harness.pass(2 * harness.unitMs);
      expect(await consumer.rest()).toHaveLength(0);
      await harness.pass(2 * harness.unitMs);
      expect(await consumer.one()).toMatchObject({ attempt: 1, key: first.key });
    },
  },
  {
    title: "remembers ids when it is opened again, those of settled items too",
    ...isPersistent,
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent({ id: "settled" }));
      await (await harness.consume(inbox).one()).settle({ type: "done" });
      await inbox.accept(sampleEvent({ id: "waiting" }));
      await inbox.close();
      const again = await harness.open();
      expect(await again.accept(sampleEvent({ id: "settled" }))).toBe("duplicate");
      expect(await again.accept(sampleEvent({ id: "waiting" }))).toBe("duplicate");
      expect(await again.accept(sampleEvent({ id: "new" }))).toBe("fresh");
    },
  },
  {
    title: "finds dead letters when it is opened again, and still buries the same episode once",
    ...isPersistent,
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(textEvent("dead"));
      await (await harness.consume(inbox).one()).settle({ type: "dead", reason: "no" });
      await inbox.buryEpisode(slack, sampleEpisode("1"), "refused");
      const before = await inbox.listDeadLetters();
      await inbox.close();
      const again = await harness.open();
      expect(await again.listDeadLetters()).toEqual(before);
      await again.buryEpisode(slack, sampleEpisode("1"), "second");
      expect(await again.listDeadLetters()).toEqual(before);
      expect(await again.retryDeadLetters(before.map(({ key }) => key))).toBe(2);
      const claims = await harness.consume(again).holding(2);
      expect(claims.map(({ item }) => textOf(item)).toSorted()).toEqual(["1", "dead"]);
    },
  },
  {
    title: "never uses the key of a settled item or a letter again",
    ...isPersistent,
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent());
      const settled = await harness.consume(inbox).one();
      await settled.settle({ type: "done" });
      await inbox.buryEpisode(slack, sampleEpisode("1"), "refused");
      const letter = itemAt(await inbox.listDeadLetters(), 0);
      await inbox.discardDeadLetters([letter.key]);
      await inbox.close();
      const again = await harness.open();
      await again.accept(sampleEvent());
      expect((await harness.consume(again).one()).key).not.toBe(settled.key);
      await again.buryEpisode(slack, sampleEpisode("2"), "refused");
      expect((await again.listDeadLetters())[0]?.key).not.toBe(letter.key);
    },
  },
];
