import { expect } from "vitest";
import type { InboxCase } from "../inbox-case.ts";
import { sampleEpisode, sampleEvent, slack, textEvent } from "../samples.ts";
import { itemAt } from "../../required.ts";

const full = { code: "INBOX_FULL", retryable: true };

/** What happens above the limits. */
export const limitCases: readonly InboxCase[] = [
  {
    title: "refuses items above the depth limit, retryable, and takes them once one is settled",
    async run(harness) {
      const inbox = await harness.open({ maxDepth: 3 });
      for (const text of ["a", "b", "c"]) await inbox.accept(textEvent(text));
      await expect(inbox.accept(textEvent("d"))).rejects.toMatchObject(full);
      expect((await inbox.stats()).depth).toBe(3);
      const consumer = harness.consume(inbox);
      const first = itemAt(await consumer.holding(3), 0);
      await expect(inbox.accept(textEvent("d"))).rejects.toMatchObject(full);
      await first.settle({ type: "done" });
      expect(await inbox.accept(textEvent("d"))).toBe("fresh");
      await expect(inbox.accept(textEvent("e"))).rejects.toMatchObject(full);
    },
  },
  {
    title: "refuses items above the limit of bytes, retryable, and takes them once there is room",
    async run(harness) {
      const inbox = await harness.open({ maxBytes: 1_000 });
      await inbox.accept(sampleEvent({ body: Buffer.alloc(600) }));
      const refused = await inbox.accept(sampleEvent({ body: Buffer.alloc(600) })).catch((error: unknown) => error);
      // No option raises this limit.
      expect(refused).toMatchObject({ ...full, hint: expect.not.stringContaining("max_depth") as string });
      expect(await inbox.accept(sampleEvent({ body: Buffer.alloc(300) }))).toBe("fresh");
      const consumer = harness.consume(inbox);
      for (const claim of await consumer.holding(2)) await claim.settle({ type: "done" });
      expect(await inbox.accept(sampleEvent({ body: Buffer.alloc(600) }))).toBe("fresh");
    },
  },
  {
    title: "does not remember the id of an item that it refused",
    async run(harness) {
      const inbox = await harness.open({ maxDepth: 1 });
      await inbox.accept(sampleEvent({ id: "a" }));
      await expect(inbox.accept(sampleEvent({ id: "b" }))).rejects.toMatchObject(full);
      await (await harness.consume(inbox).one()).settle({ type: "done" });
      expect(await inbox.accept(sampleEvent({ id: "b" }))).toBe("fresh");
    },
  },
  {
    title: "answers a duplicate of what is safe even when it is full",
    async run(harness) {
      const inbox = await harness.open({ maxDepth: 1 });
      await inbox.accept(sampleEvent({ id: "a" }));
      await expect(inbox.accept(sampleEvent({ id: "b" }))).rejects.toMatchObject(full);
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("duplicate");
    },
  },
  {
    title: "never goes above the depth limit when many items arrive at once",
    async run(harness) {
      const inbox = await harness.open({ maxDepth: 10 });
      const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => inbox.accept(sampleEvent())));
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
      expect((await inbox.stats()).depth).toBe(10);
    },
  },
  {
    title: "buries and retries dead letters when it is full",
    async run(harness) {
      const inbox = await harness.open({ maxDepth: 1 });
      await inbox.accept(sampleEvent());
      await inbox.buryEpisode(slack, sampleEpisode("1"), "refused");
      const letter = itemAt(await inbox.listDeadLetters(), 0);
      expect(await inbox.retryDeadLetters([letter.key])).toBe(1);
      expect((await inbox.stats()).depth).toBe(2);
    },
  },
];
