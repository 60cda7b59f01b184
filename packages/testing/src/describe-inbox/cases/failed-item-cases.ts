import { expect } from "vitest";
import type { BuriedFailedItem } from "@statewave-connectors/connector-sdk/inbox";
import type { InboxCase } from "../inbox-case.ts";
import { github, sampleEpisode, slack, textEvent } from "../samples.ts";
import { itemAt } from "../../required.ts";

function sampleItem(id: string, overrides: Partial<BuriedFailedItem> = {}): BuriedFailedItem {
  const raw = { number: 42, title: "NUL \0, lone \ud800, 🙂", labels: [], user: null };
  return { type: "item", source: github, direction: "pull", id, raw, receivedAtMs: 1_767_225_600_000, ...overrides };
}

/** Items that could not be mapped. */
export const failedItemCases: readonly InboxCase[] = [
  {
    title: "keeps a failed item as it was, with its reason",
    async run(harness) {
      const inbox = await harness.open();
      const items = [
        sampleItem("acme/widgets#42"),
        sampleItem("pushed", { direction: "push", source: slack }),
        sampleItem("nothing kept", { raw: undefined }),
        sampleItem("null", { raw: null }),
        sampleItem("yielded", { raw: undefined, yielded: null }),
      ];
      for (const item of items) await inbox.buryFailedItem(item, reasonFor(item.id));
      const letters = await inbox.listDeadLetters();
      expect(letters.map(({ type, reason }) => [type, reason])).toEqual(items.map((item) => ["item", reasonFor(item.id)]));
      for (const [at, { key }] of letters.entries()) {
        const letter = await inbox.getDeadLetter(key);
        expect(letter).toMatchObject({ type: "item", source: itemAt(items, at).source });
        expect(JSON.stringify(sorted(letter?.item))).toBe(JSON.stringify(sorted(items[at])));
      }
    },
  },
  {
    title: "keeps a failed item of 256 KiB whole",
    async run(harness) {
      const inbox = await harness.open();
      const raw = "é".repeat(128 * 1024);
      await inbox.buryFailedItem(sampleItem("large", { raw }), "too odd");
      const letter = itemAt(await inbox.listDeadLetters(), 0);
      expect((await inbox.getDeadLetter(letter.key))?.item).toMatchObject({ raw });
    },
  },
  {
    title: "buries a failed item once however often it is read, and the first reason stays",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.buryFailedItem(sampleItem("1"), "first");
      await inbox.buryFailedItem(sampleItem("1", { raw: "changed meanwhile" }), "second");
      await Promise.all(Array.from({ length: 10 }, () => inbox.buryFailedItem(sampleItem("1"), "at once")));
      expect(await inbox.listDeadLetters()).toMatchObject([{ type: "item", reason: "first" }]);
    },
  },
  {
    title: "keeps apart failed items of other sources and ids, and episodes",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.buryFailedItem(sampleItem("1"), "no");
      await inbox.buryFailedItem(sampleItem("1", { source: slack }), "no");
      await inbox.buryFailedItem(sampleItem("2"), "no");
      await inbox.buryFailedItem(sampleItem("ä\ud800"), "no");
      await inbox.buryFailedItem(sampleItem("ä\ud801"), "no");
      await inbox.buryEpisode(github, sampleEpisode("1"), "no");
      expect(await inbox.listDeadLetters()).toHaveLength(6);
    },
  },
  {
    title: "counts failed items by source as a type of their own, discarded ones no more",
    async run(harness) {
      const inbox = await harness.open();
      for (const id of ["1", "2", "3"]) await inbox.buryFailedItem(sampleItem(id), "no");
      await inbox.buryFailedItem(sampleItem("1", { source: slack }), "no");
      await inbox.buryEpisode(github, sampleEpisode("1"), "no");
      await inbox.accept(textEvent("dead", github));
      await (await harness.consume(inbox).one()).settle({ type: "dead", reason: "no" });
      const expected = [
        { source: github, type: "item", count: 3 },
        { source: slack, type: "item", count: 1 },
        { source: github, type: "episode", count: 1 },
        { source: github, type: "event", count: 1 },
      ];
      const { deadLetters } = await inbox.stats();
      expect(deadLetters).toHaveLength(4);
      expect(deadLetters).toEqual(expect.arrayContaining(expected));
      const first = itemAt(await inbox.listDeadLetters({ source: github }), 0);
      expect(await inbox.discardDeadLetters([first.key])).toBe(1);
      expect((await inbox.stats()).deadLetters).toContainEqual({ source: github, type: "item", count: 2 });
      await inbox.buryFailedItem(sampleItem("1"), "anew");
      expect((await inbox.stats()).deadLetters).toContainEqual({ source: github, type: "item", count: 3 });
    },
  },
  {
    title: "hands out a failed item that was put back, and buries it again with the new reason",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.buryFailedItem(sampleItem("42"), "first");
      const letter = itemAt(await inbox.listDeadLetters(), 0);
      expect(await inbox.retryDeadLetters([letter.key])).toBe(1);
      expect(await inbox.stats()).toMatchObject({ depth: 1, deadLetters: [] });
      const claim = await harness.consume(inbox).one();
      expect(claim.item).toEqual(sampleItem("42"));
      await claim.settle({ type: "dead", reason: "again" });
      expect(await inbox.listDeadLetters()).toMatchObject([{ type: "item", reason: "again" }]);
      await inbox.buryFailedItem(sampleItem("42"), "by the pull");
      expect(await inbox.stats()).toMatchObject({ depth: 0, deadLetters: [{ source: github, type: "item", count: 1 }] });
    },
  },
  {
    title: "takes no failed item for a duplicate of an event with its id",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept({ ...textEvent("event", github), id: "42" });
      expect(await inbox.accept(sampleItem("42"))).toBe("fresh");
      expect(await inbox.accept(sampleItem("42"))).toBe("fresh");
      expect(await harness.consume(inbox).holding(3)).toHaveLength(3);
    },
  },
  {
    title: "finds failed items when it is opened again, counts them, and still buries each once",
    holdsFor: ({ persistent }) => persistent,
    async run(harness) {
      const inbox = await harness.open();
      for (const id of ["1", "2"]) await inbox.buryFailedItem(sampleItem(id), "no");
      const before = await inbox.listDeadLetters();
      await inbox.close();
      const again = await harness.open();
      expect(await again.listDeadLetters()).toEqual(before);
      await again.buryFailedItem(sampleItem("2"), "second");
      expect((await again.stats()).deadLetters).toEqual([{ source: github, type: "item", count: 2 }]);
      expect(await again.discardDeadLetters(before.map(({ key }) => key))).toBe(2);
      expect((await again.stats()).deadLetters).toEqual([]);
    },
  },
  {
    title: "buries no failed item once it is closed",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.close();
      await expect(inbox.buryFailedItem(sampleItem("1"), "no")).rejects.toMatchObject({ code: "INBOX_CLOSED" });
    },
  },
];

function sorted(item: unknown): unknown {
  return Object.fromEntries(Object.entries(item ?? {}).toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

function reasonFor(id: string): string {
  return `TypeError: cannot read "${id}" \0 \ud800`;
}
