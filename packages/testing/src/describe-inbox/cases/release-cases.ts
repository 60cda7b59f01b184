import type { InboxConsumer } from "@statewave-connectors/connector-sdk/inbox";
import { expect } from "vitest";
import type { InboxCase } from "../inbox-case.ts";
import { sampleEvent, textEvent, textOf } from "../samples.ts";

const isShared = { holdsFor: ({ shared }: { readonly shared?: boolean }) => shared === true };

async function release(consumer: InboxConsumer): Promise<number> {
  consumer.pause();
  const count = await consumer.release?.();
  if (count === undefined) throw new Error("the consumer of a shared inbox has no release");
  return count;
}

/** Leaving what is claimed to other processes. */
export const releaseCases: readonly InboxCase[] = [
  {
    title: "gives back what is claimed, signals it, and counts no attempt",
    ...isShared,
    async run(harness) {
      const inbox = await harness.open();
      for (const text of ["a", "b", "c"]) await inbox.accept(textEvent(text));
      const consumer = harness.consume(inbox);
      const claims = [...(await consumer.holding(3))];
      expect(await release(consumer.consumer)).toBe(3);
      expect(claims.every(({ signal }) => signal.aborted)).toBe(true);
      expect(await consumer.rest()).toHaveLength(0);
      expect((await inbox.stats()).depth).toBe(3);
      consumer.consumer.resume();
      const again = await consumer.holding(3);
      expect(again.map(({ attempt }) => attempt)).toEqual([0, 0, 0]);
      expect(again.map(({ item }) => textOf(item)).toSorted()).toEqual(["a", "b", "c"]);
    },
  },
  {
    title: "hands what was given back to another process",
    holdsFor: ({ shared, persistent }) => shared === true && persistent,
    async run(harness) {
      const [mine, other] = [await harness.open(), await harness.open()];
      for (let count = 0; count < 10; count += 1) await mine.accept(sampleEvent());
      const consumer = harness.consume(mine);
      await consumer.holding(10);
      const others = harness.consume(other);
      expect(await others.rest()).toHaveLength(0);
      await release(consumer.consumer);
      for (const claim of await others.holding(10)) await claim.settle({ type: "done" });
      expect((await other.stats()).depth).toBe(0);
      expect(consumer.claimedCount).toBe(10);
    },
  },
  {
    title: "ignores what is settled after it was given back, and gives back nothing when nothing is claimed",
    ...isShared,
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(textEvent("a"));
      const consumer = harness.consume(inbox);
      const claim = await consumer.one();
      await release(consumer.consumer);
      await claim.settle({ type: "dead", reason: "too late" });
      expect(await inbox.stats()).toMatchObject({ depth: 1, deadLetters: [] });
      expect(await release(consumer.consumer)).toBe(0);
      consumer.consumer.resume();
      await (await consumer.one()).settle({ type: "done" });
      expect((await inbox.stats()).depth).toBe(0);
    },
  },
  {
    title: "gives nothing back when no other process can have it open",
    holdsFor: ({ shared }) => shared !== true,
    async run(harness) {
      const { consumer } = harness.consume(await harness.open());
      expect("release" in consumer).toBe(false);
    },
  },
];
