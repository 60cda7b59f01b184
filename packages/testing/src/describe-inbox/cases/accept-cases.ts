import { expect } from "vitest";
import type { InboxCase } from "../inbox-case.ts";
import { github, sampleEvent, slack, textOf } from "../samples.ts";

const windowUnits = 4;

/** Fresh, duplicate, and how long an id is remembered. */
export const acceptCases: readonly InboxCase[] = [
  {
    title: "answers fresh for a new id and duplicate for the same id again",
    async run(harness) {
      const inbox = await harness.open();
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("fresh");
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("duplicate");
      expect(await inbox.accept(sampleEvent({ id: "b" }))).toBe("fresh");
      expect((await inbox.stats()).depth).toBe(2);
    },
  },
  {
    title: "keeps the first copy of a duplicate",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent({ id: "a", body: Buffer.from("first") }));
      await inbox.accept(sampleEvent({ id: "a", body: Buffer.from("second") }));
      const consumer = harness.consume(inbox);
      expect((await consumer.holding(1)).map(({ item }) => textOf(item))).toEqual(["first"]);
      expect(await consumer.rest()).toHaveLength(1);
    },
  },
  {
    title: "keeps ids of different sources apart",
    async run(harness) {
      const inbox = await harness.open();
      const sources = [slack, github, { kind: "slack", name: "acme-2" }, { kind: "slack-acme", name: "acme" }];
      for (const source of sources) expect(await inbox.accept(sampleEvent({ id: "a", source }))).toBe("fresh");
      expect((await inbox.stats()).depth).toBe(sources.length);
    },
  },
  {
    title: "takes an item without an id as fresh every time",
    async run(harness) {
      const inbox = await harness.open();
      for (let round = 0; round < 3; round += 1) expect(await inbox.accept(sampleEvent())).toBe("fresh");
      expect((await inbox.stats()).depth).toBe(3);
    },
  },
  {
    title: "stores one of fifty copies that arrive at once",
    async run(harness) {
      const inbox = await harness.open();
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => inbox.accept(sampleEvent({ id: "a" }))));
      expect(outcomes.filter((outcome) => outcome === "fresh")).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === "duplicate")).toHaveLength(49);
      expect((await inbox.stats()).depth).toBe(1);
      const consumer = harness.consume(inbox);
      await consumer.one();
      expect(await consumer.rest()).toHaveLength(1);
    },
  },
  {
    title: "answers each of many accepts that arrive at once",
    async run(harness) {
      const inbox = await harness.open();
      const ids = Array.from({ length: 300 }, (_, index) => `id-${index % 200}`);
      const outcomes = await Promise.all(ids.map((id) => inbox.accept(sampleEvent({ id }))));
      expect(outcomes.filter((outcome) => outcome === "fresh")).toHaveLength(200);
      expect((await inbox.stats()).depth).toBe(200);
    },
  },
  {
    title: "remembers an id until the end of its window",
    async run(harness) {
      const inbox = await harness.open({ dedupWindowMs: windowUnits * harness.unitMs });
      await inbox.accept(sampleEvent({ id: "a" }));
      await harness.pass((windowUnits - 1) * harness.unitMs);
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("duplicate");
      // A duplicate does not prolong it: the window counts from acceptance.
      await harness.pass(0.9 * harness.unitMs);
      await inbox.accept(sampleEvent({ id: "b" }));
      if (harness.subject.capabilities.clock === "injected") {
        expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("duplicate");
      }
    },
  },
  {
    title: "takes an id as fresh again once its window is over",
    holdsFor: ({ forgetsIds }) => forgetsIds === "at-window",
    async run(harness) {
      const inbox = await harness.open({ dedupWindowMs: windowUnits * harness.unitMs });
      await inbox.accept(sampleEvent({ id: "a" }));
      await harness.pass(2 * harness.unitMs);
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("duplicate");
      await harness.pass(2 * harness.unitMs);
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("fresh");
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("duplicate");
      expect((await inbox.stats()).depth).toBe(2);
    },
  },
  {
    title: "remembers the id of an item that was settled",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent({ id: "a" }));
      const consumer = harness.consume(inbox);
      await (await consumer.one()).settle({ type: "done" });
      expect((await inbox.stats()).depth).toBe(0);
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("duplicate");
      expect(await consumer.rest()).toHaveLength(0);
    },
  },
  {
    title: "remembers the id of an item that was buried, and of one that was discarded",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept(sampleEvent({ id: "a" }));
      const consumer = harness.consume(inbox);
      await (await consumer.one()).settle({ type: "dead", reason: "cannot be mapped" });
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("duplicate");
      const letters = await inbox.listDeadLetters();
      expect(await inbox.discardDeadLetters(letters.map(({ key }) => key))).toBe(1);
      expect(await inbox.accept(sampleEvent({ id: "a" }))).toBe("duplicate");
      expect((await inbox.stats()).depth).toBe(0);
    },
  },
  {
    title: "takes triggers, with and without an id, and with the part that they name",
    async run(harness) {
      const inbox = await harness.open();
      const trigger = { type: "trigger", source: github, receivedAtMs: 7 } as const;
      expect(await inbox.accept({ ...trigger, id: "a" })).toBe("fresh");
      expect(await inbox.accept({ ...trigger, id: "a" })).toBe("duplicate");
      expect(await inbox.accept(trigger)).toBe("fresh");
      const named = { ...trigger, part: "ada@example.com\ud800" };
      expect(await inbox.accept(named)).toBe("fresh");
      expect((await inbox.stats()).bytes).toBe(0);
      const claims = await harness.consume(inbox).holding(3);
      expect(claims.map(({ item }) => item)).toEqual(expect.arrayContaining([{ ...trigger, id: "a" }, trigger, named]));
    },
  },
];
