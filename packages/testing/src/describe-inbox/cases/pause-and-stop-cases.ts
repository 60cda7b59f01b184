import { expect } from "vitest";
import type { InboxCase } from "../inbox-case.ts";
import { sampleEvent, textEvent } from "../samples.ts";
import { itemAt } from "../../required.ts";

/** Holding back, and ending. */
export const pauseAndStopCases: readonly InboxCase[] = [
  {
    title: "hands out nothing while paused, lets what is claimed settle, and continues at resume",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(textEvent("claimed"));
      const consumer = harness.consume(inbox);
      const claimed = await consumer.one();
      consumer.consumer.pause();
      await inbox.accept(textEvent("waiting"));
      expect(await consumer.rest()).toHaveLength(1);
      expect(claimed.signal.aborted).toBe(false);
      await claimed.settle({ type: "done" });
      expect(await consumer.rest()).toHaveLength(0);
      expect((await inbox.stats()).depth).toBe(1);
      consumer.consumer.resume();
      expect((await consumer.one()).attempt).toBe(0);
    },
  },
  {
    title: "costs no item an attempt when it is paused right after it started to fetch",
    async run(harness) {
      const inbox = await harness.open();
      for (let count = 0; count < 10; count += 1) await inbox.accept(sampleEvent());
      const consumer = harness.consume(inbox);
      consumer.consumer.pause();
      expect(await consumer.rest()).toHaveLength(0);
      for (let round = 0; round < 3; round += 1) {
        consumer.consumer.resume();
        consumer.consumer.pause();
      }
      expect(await consumer.rest()).toHaveLength(0);
      consumer.consumer.resume();
      const claims = await consumer.holding(10);
      expect(claims.every(({ attempt }) => attempt === 0)).toBe(true);
      expect(await consumer.rest()).toHaveLength(10);
    },
  },
  {
    title: "hands out a retried item that became ready during a pause at resume",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent());
      const consumer = harness.consume(inbox);
      await (await consumer.one()).settle({ type: "retry", afterMs: harness.unitMs });
      consumer.consumer.pause();
      await harness.pass(2 * harness.unitMs);
      expect(await consumer.rest()).toHaveLength(0);
      consumer.consumer.resume();
      expect((await consumer.one()).attempt).toBe(1);
    },
  },
  {
    title: "waits at stop for the claimed items to settle and fetches nothing more",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(textEvent("claimed"));
      const consumer = harness.consume(inbox);
      const claim = await consumer.one();
      let stopped = false;
      const stop = consumer.consumer.stop(new AbortController().signal).then(() => (stopped = true));
      await inbox.accept(textEvent("later"));
      expect(await consumer.rest()).toHaveLength(1);
      expect(stopped).toBe(false);
      await claim.settle({ type: "done" });
      await harness.within(stop, () => "the consumer to stop");
      expect((await inbox.stats()).depth).toBe(1);
    },
  },
  {
    title: "gives claimed items back at a hard stop, signals them, and counts no attempt",
    async run(harness) {
      const inbox = await harness.open();
      for (let count = 0; count < 3; count += 1) await inbox.accept(sampleEvent());
      const consumer = harness.consume(inbox);
      const claims = [...(await consumer.holding(3))];
      const hard = new AbortController();
      const stop = consumer.consumer.stop(hard.signal);
      hard.abort();
      await harness.within(stop, () => "the consumer to stop");
      expect(claims.every(({ signal }) => signal.aborted)).toBe(true);
      const again = await harness.consume(inbox).holding(3);
      expect(again.map(({ attempt }) => attempt)).toEqual([0, 0, 0]);
      expect(again.map(({ key }) => key).toSorted()).toEqual(claims.map(({ key }) => key).toSorted());
    },
  },
  {
    title: "ignores what is settled after a hard stop",
    async run(harness) {
      const inbox = await harness.open();
      for (const text of ["a", "b", "c"]) await inbox.accept(textEvent(text));
      const consumer = harness.consume(inbox);
      const held = await consumer.holding(3);
      await consumer.stopHard();
      await itemAt(held, 0).settle({ type: "done" });
      await itemAt(held, 1).settle({ type: "dead", reason: "too late" });
      await itemAt(held, 2).settle({ type: "retry", afterMs: 100 * harness.unitMs });
      expect(await inbox.stats()).toMatchObject({ depth: 3, deadLetters: [] });
      const again = await harness.consume(inbox).holding(3);
      expect(again.map(({ attempt }) => attempt)).toEqual([0, 0, 0]);
    },
  },
  {
    title: "gives a retried item back at a hard stop with the attempts it had",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent());
      const consumer = harness.consume(inbox);
      await (await consumer.one()).settle({ type: "retry", afterMs: 0 });
      expect((await consumer.one()).attempt).toBe(1);
      await consumer.stopHard();
      expect((await harness.consume(inbox).one()).attempt).toBe(1);
    },
  },
  {
    title: "stops any number of times, with nothing claimed too",
    async run(harness) {
      const inbox = await harness.open();
      const { consumer } = harness.consume(inbox);
      const never = new AbortController().signal;
      await harness.within(
        Promise.all([consumer.stop(never), consumer.stop(never), consumer.stop(AbortSignal.abort())]),
        () => "stops",
      );
      await consumer.stop(never);
      consumer.resume();
      await inbox.accept(sampleEvent());
      await harness.rest(inbox);
      expect((await inbox.stats()).depth).toBe(1);
    },
  },
];
