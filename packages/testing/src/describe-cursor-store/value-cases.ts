import { expect } from "vitest";
import type { CursorStoreCase } from "./cursor-store-case.ts";

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
].map(([kind, name]) => ({ kind: kind!, name: name! }));

/** Cursors and names come back as they went in. */
export const valueCases: readonly CursorStoreCase[] = [
  {
    title: "knows nothing of a source nobody has stored",
    async run(bench) {
      expect(await bench.store.get(bench.source)).toBeUndefined();
      expect(await bench.store.delete(bench.source)).toBe(false);
      expect(await bench.store.list()).toEqual([]);
    },
  },
  {
    title: "gives back what was set, then what was set over it",
    async run(bench) {
      await bench.store.set(bench.source, "one");
      expect(await bench.store.get(bench.source)).toBe("one");
      await bench.store.set(bench.source, "two");
      expect(await bench.store.get(bench.source)).toBe("two");
    },
  },
  {
    title: "forgets a deleted cursor, and says whether there was one",
    async run(bench) {
      await bench.store.set(bench.source, "");
      expect(await bench.store.delete(bench.source)).toBe(true);
      expect(await bench.store.get(bench.source)).toBeUndefined();
      expect(await bench.store.delete(bench.source)).toBe(false);
      expect(await bench.store.list()).toEqual([]);
      await bench.store.set(bench.source, "again");
      expect(await bench.store.get(bench.source)).toBe("again");
    },
  },
  {
    title: "remembers the dues of a source whose cursor is deleted",
    async run(bench) {
      const lease = await bench.claim({ dueMs: bench.due(2) });
      await bench.store.checkpoint(lease, "page-1");
      await bench.store.release(lease, { type: "done" });
      await bench.store.delete(bench.source);
      const state = await bench.state();
      expect(state).toEqual({ source: bench.source, epoch: state?.epoch, finishedDueMs: bench.due(2) });
      expect(await bench.ask({ dueMs: bench.due(2) })).toEqual({ granted: false, reason: "finished" });
    },
  },
  {
    title: "keeps a cursor to the last character: empty, 1 MiB, any script, JSON and what looks like it",
    async run(bench) {
      const lease = await bench.claim();
      for (const cursor of oddCursors) {
        expect(await bench.store.checkpoint(lease, cursor)).toBe(true);
        expect((await bench.store.get(bench.source)) === cursor).toBe(true);
        await bench.store.set({ kind: "other", name: "one" }, cursor);
        expect((await bench.store.get({ kind: "other", name: "one" })) === cursor).toBe(true);
      }
    },
  },
  {
    title: "keeps sources apart whose names nearly meet",
    async run(bench) {
      for (const [index, source] of oddSources.entries()) await bench.store.set(source, `cursor ${index}`);
      for (const [index, source] of oddSources.entries()) {
        expect(await bench.store.get(source)).toBe(`cursor ${index}`);
        const lease = await bench.claim({ source, dueMs: bench.due(1) });
        expect(lease).toMatchObject({ source, cursor: `cursor ${index}` });
      }
      expect(await bench.store.delete(oddSources[0]!)).toBe(true);
      for (const [index, source] of oddSources.entries()) {
        expect(await bench.store.get(source)).toBe(index === 0 ? undefined : `cursor ${index}`);
      }
    },
  },
  {
    title: "lists every source with a cursor, a lease or a due, by kind and then name",
    async run(bench) {
      const [cursor, lease, due, gone, stale] = ["b-2", "b_1", "a", "c", "d"].map((name) => ({ kind: "github", name }));
      await bench.store.set(cursor!, "here");
      await bench.claim({ source: lease! });
      await bench.store.release(await bench.claim({ source: due!, dueMs: bench.due(1) }), { type: "done" });
      await bench.store.set({ kind: "aha", name: "z" }, "there");
      await bench.store.set(gone!, "gone");
      await bench.store.delete(gone!);
      await bench.claimLapsed({ source: stale! });
      const listed = (await bench.store.list()).map(({ source }) => `${source.kind}/${source.name}`);
      expect(listed).toEqual(["aha/z", "github/a", "github/b-2", "github/b_1"]);
    },
  },
  {
    title: "tells of a source its cursor, when it was written, its dues and who holds it",
    async run(bench) {
      await bench.store.release(await bench.claim({ dueMs: bench.due(1) }), { type: "done" });
      const lease = await bench.claim({ dueMs: bench.due(2), owner: "holder" });
      await bench.time.pass(bench.time.shortMs);
      const writtenAtMs = bench.time.now();
      await bench.store.checkpoint(lease, "page-2");
      const state = await bench.state();
      expect(state).toEqual({
        source: bench.source,
        cursor: "page-2",
        updatedAtMs: state?.updatedAtMs,
        epoch: lease.epoch,
        finishedDueMs: bench.due(1),
        openDueMs: bench.due(2),
        lease: { owner: "holder", lapsesInMs: state?.lease?.lapsesInMs },
      });
      bench.expectRemaining(state?.updatedAtMs, writtenAtMs);
      bench.expectRemaining(state?.lease?.lapsesInMs, bench.time.longMs - bench.time.shortMs);
    },
  },
  {
    title: "does not take a renewal or a release for a new cursor",
    async run(bench) {
      await bench.store.set(bench.source, "here");
      const { updatedAtMs } = (await bench.state())!;
      await bench.time.pass(bench.time.shortMs);
      const lease = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.renew([lease], bench.time.longMs);
      await bench.store.release(lease, { type: "done" });
      expect(await bench.state()).toMatchObject({ cursor: "here", updatedAtMs });
    },
  },
];
