import { expect } from "vitest";
import type { Inbox } from "@statewave-connectors/connector-sdk/inbox";
import type { InboxCase } from "../inbox-case.ts";
import type { InboxHarness } from "../inbox-harness.ts";
import { github, sampleEpisode, sampleEvent, slack, textEvent, textOf } from "../samples.ts";
import { itemAt } from "../../required.ts";

async function buryEvent(harness: InboxHarness, inbox: Inbox, text: string, reason = "cannot be mapped"): Promise<void> {
  await inbox.accept(textEvent(text));
  const consumer = harness.consume(inbox);
  await (await consumer.one()).settle({ type: "dead", reason });
  await consumer.stopHard();
}

async function keys(inbox: Inbox): Promise<readonly string[]> {
  return (await inbox.listDeadLetters({ limit: 1_000 })).map(({ key }) => key);
}

/** Burying, looking, retrying, discarding. */
export const deadLetterCases: readonly InboxCase[] = [
  {
    title: "keeps a dead event with its reason, raw, and out of the queue",
    async run(harness) {
      const inbox = await harness.open();
      const reason = 'field `text` is missing: "ünï" \0 \ud800';
      const event = sampleEvent({ id: "a", body: Uint8Array.from([0, 255, 10]) });
      await inbox.accept(event);
      const consumer = harness.consume(inbox);
      await (await consumer.one()).settle({ type: "dead", reason });
      expect(await consumer.rest()).toHaveLength(0);
      const letters = await inbox.listDeadLetters();
      expect(letters).toHaveLength(1);
      const letter = itemAt(letters, 0);
      expect(letter).toMatchObject({ source: slack, type: "event", reason });
      const found = await inbox.getDeadLetter(letter.key);
      expect(found).toMatchObject({ key: letter.key, reason, source: slack, type: "event" });
      expect(found?.item?.type === "event" && Buffer.from(found.item.body).equals(event.body)).toBe(true);
      expect(found?.item).toMatchObject({ id: "a", headers: event.headers, receivedAtMs: event.receivedAtMs });
    },
  },
  {
    title: "reports when a letter was buried",
    holdsFor: ({ clock }) => clock === "injected",
    async run(harness) {
      const inbox = await harness.open();
      await harness.pass(5_000);
      await inbox.buryEpisode(slack, sampleEpisode("1"), "refused");
      expect((await inbox.listDeadLetters())[0]?.buriedAtMs).toBe(harness.clock.now());
    },
  },
  {
    title: "buries an episode once however often it is called, and the first reason stays",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.buryEpisode(slack, sampleEpisode("1"), "first");
      await inbox.buryEpisode(slack, sampleEpisode("1", { text: "changed meanwhile" }), "second");
      await Promise.all(Array.from({ length: 10 }, () => inbox.buryEpisode(slack, sampleEpisode("1"), "at once")));
      const letters = await inbox.listDeadLetters();
      expect(letters).toHaveLength(1);
      expect(letters[0]).toMatchObject({ type: "episode", reason: "first" });
    },
  },
  {
    title: "buries one of many equal burials that come at once",
    async run(harness) {
      const inbox = await harness.open();
      await Promise.all(Array.from({ length: 20 }, () => inbox.buryEpisode(slack, sampleEpisode("1"), "refused")));
      expect(await inbox.listDeadLetters()).toHaveLength(1);
    },
  },
  {
    title: "keeps apart episodes of other sources, subjects and keys",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.buryEpisode(slack, sampleEpisode("1"), "refused");
      await inbox.buryEpisode(github, sampleEpisode("1"), "refused");
      await inbox.buryEpisode(slack, sampleEpisode("2"), "refused");
      await inbox.buryEpisode(slack, sampleEpisode("1", { subject: "user:ada" }), "refused");
      await inbox.buryEpisode(slack, sampleEpisode("da1", { subject: "user:a" }), "refused");
      expect(await inbox.listDeadLetters()).toHaveLength(5);
    },
  },
  {
    title: "lists letters oldest first, without their items",
    async run(harness) {
      const inbox = await harness.open();
      for (const key of ["1", "2", "3"]) await inbox.buryEpisode(slack, sampleEpisode(key), `reason ${key}`);
      const letters = await inbox.listDeadLetters();
      expect(letters.map(({ reason }) => reason)).toEqual(["reason 1", "reason 2", "reason 3"]);
      expect(letters.every((letter) => !("item" in letter) || letter.item === undefined)).toBe(true);
    },
  },
  {
    title: "lists letters page by page, each exactly once",
    async run(harness) {
      const inbox = await harness.open();
      for (let key = 0; key < 12; key += 1) await inbox.buryEpisode(slack, sampleEpisode(`${key}`), `reason ${key}`);
      const reasons: string[] = [];
      let after: string | undefined;
      for (let page = 0; page < 4; page += 1) {
        const letters = await inbox.listDeadLetters({ limit: 5, ...(after === undefined ? {} : { after }) });
        expect(letters).toHaveLength(itemAt([5, 5, 2, 0], page));
        reasons.push(...letters.map(({ reason }) => reason));
        after = letters.at(-1)?.key ?? after;
      }
      expect(reasons).toEqual(Array.from({ length: 12 }, (_, key) => `reason ${key}`));
    },
  },
  {
    title: "continues after a letter that was discarded meanwhile",
    async run(harness) {
      const inbox = await harness.open();
      for (const key of ["1", "2", "3"]) await inbox.buryEpisode(slack, sampleEpisode(key), `reason ${key}`);
      const second = itemAt(await inbox.listDeadLetters(), 1);
      await inbox.discardDeadLetters([second.key]);
      const behind = await inbox.listDeadLetters({ after: second.key });
      expect(behind.map(({ reason }) => reason)).toEqual(["reason 3"]);
    },
  },
  {
    title: "lists 100 letters by default, and those of one source alone",
    async run(harness) {
      const inbox = await harness.open();
      const burials = Array.from({ length: 105 }, (_, key) => inbox.buryEpisode(slack, sampleEpisode(`${key}`), "refused"));
      await Promise.all(burials);
      await inbox.buryEpisode(github, sampleEpisode("other"), "of github");
      expect(await inbox.listDeadLetters()).toHaveLength(100);
      expect(await inbox.listDeadLetters({ limit: 1_000 })).toHaveLength(106);
      expect((await inbox.listDeadLetters({ source: github })).map(({ reason }) => reason)).toEqual(["of github"]);
      expect(await inbox.listDeadLetters({ source: slack, limit: 3 })).toHaveLength(3);
      expect(await inbox.listDeadLetters({ source: { kind: "never", name: "seen" } })).toEqual([]);
    },
  },
  {
    title: "puts a dead event back to be mapped again: the same raw body, attempt 0, off the list",
    async run(harness) {
      const inbox = await harness.open();
      await buryEvent(harness, inbox, "raw body");
      expect(await inbox.retryDeadLetters(await keys(inbox))).toBe(1);
      expect(await inbox.listDeadLetters()).toEqual([]);
      expect((await inbox.stats()).depth).toBe(1);
      const claim = await harness.consume(inbox).one();
      expect(claim).toMatchObject({ attempt: 0, item: { type: "event", headers: { "x-event": "message" } } });
      expect(textOf(claim.item)).toBe("raw body");
    },
  },
  {
    title: "wakes a waiting consumer when a letter is put back",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.buryEpisode(slack, sampleEpisode("1"), "refused");
      const consumer = harness.consume(inbox);
      expect(await consumer.rest()).toHaveLength(0);
      await inbox.retryDeadLetters(await keys(inbox));
      expect(textOf((await consumer.one()).item)).toBe("1");
    },
  },
  {
    title: "puts a dead episode back to be sent again, as an episode",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.buryEpisode(github, sampleEpisode("42"), "refused");
      await inbox.retryDeadLetters(await keys(inbox));
      const { item } = await harness.consume(inbox).one();
      expect(item).toMatchObject({ type: "episode", source: github, episode: sampleEpisode("42") });
    },
  },
  {
    title: "buries an episode again that was put back and failed again, once, with the new reason",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.buryEpisode(slack, sampleEpisode("1"), "first");
      await inbox.retryDeadLetters(await keys(inbox));
      const consumer = harness.consume(inbox);
      await (await consumer.one()).settle({ type: "dead", reason: "again" });
      expect(await inbox.listDeadLetters()).toMatchObject([{ type: "episode", reason: "again" }]);
      await inbox.buryEpisode(slack, sampleEpisode("1"), "by the pull");
      expect(await inbox.listDeadLetters()).toMatchObject([{ reason: "again" }]);
      expect(await inbox.stats()).toMatchObject({ depth: 0, deadLetters: [{ source: slack, type: "episode", count: 1 }] });
    },
  },
  {
    title: "keeps one letter when an episode dies in the queue that was buried again meanwhile",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.buryEpisode(slack, sampleEpisode("1"), "first");
      await inbox.retryDeadLetters(await keys(inbox));
      await inbox.buryEpisode(slack, sampleEpisode("1"), "meanwhile");
      await (await harness.consume(inbox).one()).settle({ type: "dead", reason: "in the queue" });
      expect(await inbox.listDeadLetters()).toMatchObject([{ reason: "meanwhile" }]);
      expect(await inbox.stats()).toMatchObject({ depth: 0, deadLetters: [{ source: slack, type: "episode", count: 1 }] });
    },
  },
  {
    title: "discards letters for good",
    async run(harness) {
      const inbox = await harness.open();
      await buryEvent(harness, inbox, "a");
      await inbox.buryEpisode(slack, sampleEpisode("1"), "refused");
      const all = await keys(inbox);
      expect(await inbox.discardDeadLetters(all)).toBe(2);
      expect(await inbox.listDeadLetters()).toEqual([]);
      expect(await inbox.getDeadLetter(itemAt(all, 0))).toBeUndefined();
      expect(await harness.consume(inbox).rest()).toHaveLength(0);
      // Discarded is forgotten: the same episode may be buried again.
      await inbox.buryEpisode(slack, sampleEpisode("1"), "anew");
      expect(await inbox.listDeadLetters()).toMatchObject([{ reason: "anew" }]);
    },
  },
  {
    title: "passes over unknown keys, and over one that comes twice",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.buryEpisode(slack, sampleEpisode("1"), "refused");
      await inbox.buryEpisode(slack, sampleEpisode("2"), "refused");
      const letters = await keys(inbox);
      const [first, second] = [itemAt(letters, 0), itemAt(letters, 1)];
      const unknown = ["", "0", "-1", "999999999", "1e3", "__proto__", "nonsense", " 1"];
      expect(await inbox.retryDeadLetters(unknown)).toBe(0);
      expect(await inbox.discardDeadLetters(unknown)).toBe(0);
      for (const key of unknown) expect(await inbox.getDeadLetter(key)).toBeUndefined();
      expect(await inbox.retryDeadLetters([first, "nonsense", first])).toBe(1);
      expect(await inbox.discardDeadLetters([second, second])).toBe(1);
      expect((await inbox.stats()).depth).toBe(1);
    },
  },
  {
    title: "moves hundreds of letters in one call",
    async run(harness) {
      const inbox = await harness.open();
      await Promise.all(Array.from({ length: 230 }, (_, key) => inbox.buryEpisode(slack, sampleEpisode(`${key}`), "refused")));
      expect(await inbox.retryDeadLetters(await keys(inbox))).toBe(230);
      expect(await inbox.stats()).toMatchObject({ depth: 230, deadLetters: [] });
    },
  },
  {
    title: "keeps a dead trigger as an event that can be put back",
    async run(harness) {
      const inbox = await harness.open();
      await inbox.accept({ type: "trigger", source: slack, receivedAtMs: 1 });
      const consumer = harness.consume(inbox);
      await (await consumer.one()).settle({ type: "dead", reason: "no twin" });
      expect(await inbox.listDeadLetters()).toMatchObject([{ type: "event", reason: "no twin" }]);
      await inbox.retryDeadLetters(await keys(inbox));
      expect((await consumer.one()).item).toEqual({ type: "trigger", source: slack, receivedAtMs: 1 });
    },
  },
];
