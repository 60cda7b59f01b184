import { furthestRetryMs } from "@statewave-connectors/connector-sdk/inbox";
import { expect } from "vitest";
import type { InboxCase } from "../inbox-case.ts";
import { sampleEvent, textEvent, textOf } from "../samples.ts";

/** More than a few items need, one after the other, to have each had its turn. */
const manyTurns = 20;

/** Items that come back. */
export const retryCases: readonly InboxCase[] = [
  {
    title: "hands a retried item out again after its delay and not before, with the attempt counted",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent({ id: "a" }));
      const consumer = harness.consume(inbox);
      const first = await consumer.one();
      await first.settle({ type: "retry", afterMs: 4 * harness.unitMs });
      await harness.pass(2 * harness.unitMs);
      expect(await consumer.rest()).toHaveLength(0);
      expect((await inbox.stats()).depth).toBe(1);
      await harness.pass(2 * harness.unitMs);
      const second = await consumer.one();
      expect(second).toMatchObject({ key: first.key, attempt: 1, item: first.item });
      await second.settle({ type: "retry", afterMs: 0 });
      expect((await consumer.one()).attempt).toBe(2);
    },
  },
  {
    title: "hands out other items while one waits for its time, and each at its own time",
    async run(harness) {
      const inbox = await harness.open();
      for (const text of ["late", "soon"]) await inbox.accept(textEvent(text));
      const consumer = harness.consume(inbox);
      for (const claim of await consumer.holding(2)) {
        await claim.settle({ type: "retry", afterMs: (textOf(claim.item) === "late" ? 6 : 3) * harness.unitMs });
      }
      await inbox.accept(textEvent("fresh"));
      expect(textOf((await consumer.one()).item)).toBe("fresh");
      await (await consumer.one()).settle({ type: "done" });
      await harness.pass(3 * harness.unitMs);
      const soon = await consumer.one();
      expect(textOf(soon.item)).toBe("soon");
      await soon.settle({ type: "done" });
      await harness.pass(3 * harness.unitMs);
      expect(textOf((await consumer.one()).item)).toBe("late");
    },
  },
  {
    title: "hands out at once what a clock that was ahead postponed for years, also behind one whose time will come",
    async run(harness) {
      const inbox = await harness.open();
      for (const text of ["tomorrow", "stranded"]) await inbox.accept(textEvent(text));
      const consumer = harness.consume(inbox);
      for (const claim of await consumer.holding(2)) {
        const afterMs = textOf(claim.item) === "stranded" ? 500 * furthestRetryMs : furthestRetryMs / 2;
        await claim.decide({ type: "retry", afterMs });
      }
      const back = await consumer.one();
      expect(textOf(back.item)).toBe("stranded");
      expect(back.attempt).toBe(1);
      await back.settle({ type: "done" });
      expect(await consumer.rest()).toHaveLength(0);
      expect((await inbox.stats()).depth).toBe(1);
    },
  },
  {
    title: "retries for ever: no number of attempts makes an item dead",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent());
      const consumer = harness.consume(inbox);
      for (let attempt = 0; attempt < 12; attempt += 1) {
        const claim = await consumer.one();
        expect(claim.attempt).toBe(attempt);
        await claim.settle({ type: "retry", afterMs: 0 });
      }
      expect(await inbox.listDeadLetters()).toEqual([]);
    },
  },
  {
    title: "retries an item whose handler threw after a minute, with the attempt counted",
    holdsFor: ({ clock }) => clock === "injected",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent());
      const consumer = harness.consume(inbox);
      await (await consumer.one()).fail(new Error("a defect"));
      await harness.pass(59_000);
      expect(await consumer.rest()).toHaveLength(0);
      await harness.pass(1_000);
      expect((await consumer.one()).attempt).toBe(1);
    },
  },
  {
    title: "keeps an item whose handler threw, and hands out the other ones",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(textEvent("bad"));
      const consumer = harness.consume(inbox);
      await (await consumer.one()).fail(new Error("a defect"));
      await inbox.accept(textEvent("good"));
      const good = await consumer.one();
      expect(textOf(good.item)).toBe("good");
      await good.settle({ type: "done" });
      expect(await inbox.stats()).toMatchObject({ depth: 1, deadLetters: [] });
    },
  },
  {
    title: "lets a retried item through beside fresh ones that never end",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(textEvent("retried"));
      const consumer = harness.consume(inbox, { maxItemsPerSource: 1 });
      const first = await consumer.one();
      for (let count = 0; count < 3; count += 1) await inbox.accept(textEvent("fresh"));
      await first.settle({ type: "retry", afterMs: 0 });
      let turns = 0;
      while ((await consumer.one()).attempt === 0 && turns < manyTurns) {
        await inbox.accept(textEvent("fresh"));
        await (await consumer.one()).settle({ type: "done" });
        turns += 1;
      }
      expect(turns).toBeLessThan(manyTurns);
    },
  },
  {
    title: "lets a fresh item through beside ones that are retried for ever",
    async run(harness) {
      const inbox = await harness.open();
      for (let count = 0; count < 3; count += 1) await inbox.accept(textEvent("retried"));
      const consumer = harness.consume(inbox, { maxItemsPerSource: 1 });
      await (await consumer.one()).settle({ type: "retry", afterMs: 0 });
      await inbox.accept(textEvent("fresh"));
      let turns = 0;
      while (textOf((await consumer.one()).item) !== "fresh" && turns < manyTurns) {
        await (await consumer.one()).settle({ type: "retry", afterMs: 0 });
        turns += 1;
      }
      expect(turns).toBeLessThan(manyTurns);
    },
  },
];
