import { expect } from "vitest";
import { discardOldLetters, type Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { InboxCase } from "../inbox-case.ts";
import { sampleEpisode, sampleEvent, slack, textEvent, textOf } from "../samples.ts";
import { itemAt } from "../../required.ts";

async function keyOf(inbox: Inbox, id: string): Promise<string> {
  return (await inbox.view?.list())?.find((item) => item.id === id)?.key ?? "none";
}

/** Forgetting what waits, and letters by their age. An inbox without `discardQueued` promises nothing of what waits. */
export const discardCases: readonly InboxCase[] = [
  {
    title: "forgets what waits for good, in any state but claimed, and remembers its id",
    async run(harness) {
      const inbox = await harness.open();
      if (inbox.discardQueued === undefined) return;
      await inbox.accept(sampleEvent({ id: "later" }));
      const first = harness.consume(inbox);
      await (await first.one()).settle({ type: "retry", afterMs: 3_600_000 });
      await inbox.accept(sampleEvent({ id: "held" }));
      const held = await first.one();
      await first.rest();
      first.consumer.pause();
      await inbox.accept(sampleEvent({ id: "fresh" }));
      await inbox.accept(sampleEvent({ id: "stays", body: Buffer.from("stays") }));
      await harness.stored(inbox);
      const keys = await Promise.all(["later", "held", "fresh"].map((id) => keyOf(inbox, id)));
      expect(await inbox.discardQueued([...keys, "nonsense", "0", keys[0] ?? ""])).toBe(2);
      expect(await inbox.discardQueued(keys)).toBe(0);
      expect(await inbox.stats()).toMatchObject({ depth: 2, deadLetters: [] });
      for (const id of ["later", "fresh"]) {
        expect(await inbox.view?.get(keys[id === "later" ? 0 : 2] ?? "")).toBeUndefined();
        expect(await inbox.accept(sampleEvent({ id }))).toBe("duplicate");
      }
      await held.settle({ type: "done" });
      first.consumer.resume();
      expect(textOf((await first.one()).item)).toBe("stays");
      await first.stopHard();
    },
  },
  {
    title: "forgets an item that was claimed, once it is given back",
    async run(harness) {
      const inbox = await harness.open();
      if (inbox.discardQueued === undefined) return;
      await inbox.accept(sampleEvent({ id: "a" }));
      const consumer = harness.consume(inbox);
      await consumer.one();
      const key = await keyOf(inbox, "a");
      expect(await inbox.discardQueued([key])).toBe(0);
      await consumer.stopHard();
      await harness.stored(inbox);
      expect(await inbox.discardQueued([key])).toBe(1);
      expect(await inbox.stats()).toMatchObject({ depth: 0, bytes: 0 });
      expect(await harness.consume(inbox).rest()).toHaveLength(0);
    },
  },
  {
    title: "counts an item once that several callers forget at the same time",
    async run(harness) {
      const inbox = await harness.open();
      if (inbox.discardQueued === undefined) return;
      await inbox.accept(sampleEvent({ id: "a" }));
      await harness.stored(inbox);
      const keys = [await keyOf(inbox, "a")];
      const counts = await Promise.all(Array.from({ length: 5 }, async () => (await inbox.discardQueued?.(keys)) ?? 0));
      expect(counts.toSorted((left, right) => left - right)).toEqual([0, 0, 0, 0, 1]);
      expect(await inbox.stats()).toMatchObject({ depth: 0, bytes: 0 });
    },
  },
  {
    title: "keeps nothing of a delivered item but its id",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent({ id: "a" }));
      const consumer = harness.consume(inbox);
      const claimed = await consumer.one();
      const key = await keyOf(inbox, "a");
      await claimed.settle({ type: "done" });
      expect(await inbox.view?.get(key)).toBeUndefined();
      expect(await inbox.stats()).toMatchObject({ depth: 0, bytes: 0, deadLetters: [] });
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("duplicate");
    },
  },
  {
    title: "forgets letters that are older than their retention, oldest first and in bounded steps, and nothing that waits",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(textEvent("waits"));
      for (const key of ["1", "2", "3"]) await inbox.buryEpisode(slack, sampleEpisode(key), "refused");
      await harness.pass(harness.unitMs);
      await inbox.buryEpisode(slack, sampleEpisode("4"), "refused");
      const letters = await inbox.listDeadLetters();
      const [oldest, youngest] = [itemAt(letters, 0), itemAt(letters, 3)];
      expect(await discardOldLetters(inbox, { beforeMs: oldest.buriedAtMs, atMost: 10 })).toBe(0);
      const beforeMs = youngest.buriedAtMs;
      expect(await discardOldLetters(inbox, { beforeMs, atMost: 2 })).toBe(2);
      expect((await inbox.listDeadLetters()).map(({ buriedAtMs }) => buriedAtMs < beforeMs)).toEqual([true, false]);
      expect(await discardOldLetters(inbox, { beforeMs, atMost: 10 })).toBe(1);
      expect(await discardOldLetters(inbox, { beforeMs, atMost: 10 })).toBe(0);
      expect(await inbox.listDeadLetters()).toMatchObject([{ key: youngest.key }]);
      expect((await inbox.stats()).depth).toBe(1);
      expect(textOf((await harness.consume(inbox).one()).item)).toBe("waits");
    },
  },
];
