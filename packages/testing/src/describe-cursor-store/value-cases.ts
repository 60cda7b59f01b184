import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { expect } from "vitest";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import { itemAt, required } from "../required.ts";

const oddCursors: readonly string[] = [
  "",
  " ",
  "0",
  "null",
  "undefined",
  '{"issues":"2026-01-01T00:00:00Z","__proto__":{"a":1}}',
  '{ "b": 12345678901234567890, "a": 1.0, "b": 2 }',
  '"quoted"',
  "[1,2",
  "a\nb\r\n\tc\\d'e\"f`g",
  "\u2028\u2029\u0085\uFEFF",
  "Grüße, 世界, مرحبا, e\u0301, 👩‍👩‍👧‍👦, 𝕏",
  "%s %d $1 ${x} ; DROP TABLE cursors; --",
  "x".repeat(1024 * 1024),
  "世".repeat(350_000),
];

/** Legal, but chosen to run into each other wherever a store glues, escapes or folds names. */
const oddSources = [
  ["a-b", "a_b"],
  ["a_b", "a-b"],
  ["a", "b-a"],
  ["a-b", "a"],
  ["a", "b"],
  ["b", "a"],
  ["0", "0"],
  ["constructor", "tostring"],
  ["github", "main"],
  ["slack", "main"],
  ["a", "x".repeat(100)],
  ["a", `${"x".repeat(100)}y`],
].map(([kind = "", name = ""]) => ({ kind, name }));

/** Cursors and names come back as they went in. */
export const valueCases: readonly CursorStoreCase[] = [
  {
    title: "has nothing stored of a source that was never stored",
    async run(harness) {
      expect(await harness.store.get(harness.source)).toBeUndefined();
      expect(await harness.store.delete(harness.source)).toBe(false);
      expect(await harness.store.list()).toEqual([]);
    },
  },
  {
    title: "gives back what was set, then what was set over it",
    async run(harness) {
      await harness.store.set(harness.source, "one");
      expect(await harness.store.get(harness.source)).toBe("one");
      await harness.store.set(harness.source, "two");
      expect(await harness.store.get(harness.source)).toBe("two");
    },
  },
  {
    title: "forgets a deleted cursor, and says whether there was one",
    async run(harness) {
      await harness.store.set(harness.source, "");
      expect(await harness.store.delete(harness.source)).toBe(true);
      expect(await harness.store.get(harness.source)).toBeUndefined();
      expect(await harness.store.delete(harness.source)).toBe(false);
      expect(await harness.store.list()).toEqual([]);
      await harness.store.set(harness.source, "again");
      expect(await harness.store.get(harness.source)).toBe("again");
    },
  },
  {
    title: "remembers the dues of a source whose cursor is deleted",
    async run(harness) {
      const lease = await harness.claim({ dueMs: harness.due(2) });
      await harness.store.checkpoint(lease, "page-1");
      await harness.store.release(lease, { type: "done" });
      await harness.store.delete(harness.source);
      const state = await harness.state();
      expect(state).toEqual({ source: harness.source, epoch: state?.epoch, finishedDueMs: harness.due(2) });
      expect(await harness.ask({ dueMs: harness.due(2) })).toEqual({ granted: false, reason: "finished" });
    },
  },
  {
    title: "keeps a cursor to the last character: empty, 1 MiB, any script, JSON and what looks like it",
    async run(harness) {
      const lease = await harness.claim();
      for (const cursor of oddCursors) {
        expect(await harness.store.checkpoint(lease, cursor)).toBe(true);
        expect((await harness.store.get(harness.source)) === cursor).toBe(true);
        await harness.store.set({ kind: "other", name: "one" }, cursor);
        expect((await harness.store.get({ kind: "other", name: "one" })) === cursor).toBe(true);
      }
    },
  },
  {
    title: "keeps sources apart whose names nearly meet",
    async run(harness) {
      for (const [index, source] of oddSources.entries()) await harness.store.set(source, `cursor ${index}`);
      for (const [index, source] of oddSources.entries()) {
        expect(await harness.store.get(source)).toBe(`cursor ${index}`);
        const lease = await harness.claim({ source, dueMs: harness.due(1) });
        expect(lease).toMatchObject({ source, cursor: `cursor ${index}` });
      }
      expect(await harness.store.delete(itemAt(oddSources, 0))).toBe(true);
      for (const [index, source] of oddSources.entries()) {
        expect(await harness.store.get(source)).toBe(index === 0 ? undefined : `cursor ${index}`);
      }
    },
  },
  {
    title: "lists every source with a cursor, a lease or a due, by kind and then name",
    async run(harness) {
      const [cursor, lease, due, gone, stale] = [ofGithub("b-2"), ofGithub("b_1"), ofGithub("a"), ofGithub("c"), ofGithub("d")];
      await harness.store.set(cursor, "here");
      await harness.claim({ source: lease });
      await harness.store.release(await harness.claim({ source: due, dueMs: harness.due(1) }), { type: "done" });
      await harness.store.set({ kind: "aha", name: "z" }, "there");
      await harness.store.set(gone, "gone");
      await harness.store.delete(gone);
      await harness.claimLapsed({ source: stale });
      const listed = (await harness.store.list()).map(({ source }) => `${source.kind}/${source.name}`);
      expect(listed).toEqual(["aha/z", "github/a", "github/b-2", "github/b_1"]);
    },
  },
  {
    title: "reports a source's cursor, when it was written, its dues and its holder",
    async run(harness) {
      await harness.store.release(await harness.claim({ dueMs: harness.due(1) }), { type: "done" });
      const lease = await harness.claim({ dueMs: harness.due(2), owner: "holder" });
      await harness.time.pass(harness.time.shortMs);
      const writtenAtMs = harness.time.now();
      await harness.store.checkpoint(lease, "page-2");
      const state = await harness.state();
      expect(state).toEqual({
        source: harness.source,
        cursor: "page-2",
        updatedAtMs: state?.updatedAtMs,
        epoch: lease.epoch,
        finishedDueMs: harness.due(1),
        openDueMs: harness.due(2),
        lease: { owner: "holder", lapsesInMs: state?.lease?.lapsesInMs },
      });
      harness.expectRemaining(state?.updatedAtMs, writtenAtMs);
      harness.expectRemaining(state?.lease?.lapsesInMs, harness.time.longMs - harness.time.shortMs);
    },
  },
  {
    title: "does not take a renewal or a release for a new cursor",
    async run(harness) {
      await harness.store.set(harness.source, "here");
      const { updatedAtMs } = required(await harness.state(), "the state");
      await harness.time.pass(harness.time.shortMs);
      const lease = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.renew([lease], harness.time.longMs);
      await harness.store.release(lease, { type: "done" });
      expect(await harness.state()).toMatchObject({ cursor: "here", updatedAtMs });
    },
  },
];

function ofGithub(name: string): SourceKey {
  return { kind: "github", name };
}
