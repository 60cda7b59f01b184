import { expect } from "vitest";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import type { StoreHarness } from "./store-harness.ts";

/** Whose word counts: what a lease may still do once another process has touched its source. */
export const fencingCases: readonly CursorStoreCase[] = [
  {
    title: "refuses every word of a superseded lease, and its successor notices nothing",
    async run(harness) {
      const old = await harness.claimLapsed({ dueMs: harness.due(1) });
      const taken = await harness.claim({ dueMs: harness.due(1), owner: "owner-2" });
      await harness.store.checkpoint(taken, "new");
      await expectStale(harness, old);
      expect(await harness.state()).toMatchObject({ cursor: "new", openDueMs: harness.due(1), lease: { owner: "owner-2" } });
      expect(await harness.store.renew([taken], harness.time.longMs)).toEqual([true]);
      expect(await harness.store.checkpoint(taken, "newer")).toBe(true);
      expect(await harness.store.release(taken, { type: "done" })).toBe(true);
      expect(await harness.store.get(harness.source)).toBe("newer");
    },
  },
  {
    title: "refuses an owner its own superseded lease: the epoch counts, not the name",
    async run(harness) {
      const old = await harness.claimLapsed({ dueMs: harness.due(1), owner: "same" });
      await harness.claim({ dueMs: harness.due(1), owner: "same" });
      await expectStale(harness, old);
    },
  },
  {
    title: "refuses a lease that a lease without a due has superseded",
    async run(harness) {
      const old = await harness.claimLapsed({ dueMs: harness.due(1) });
      await harness.claim({ owner: "a person" });
      await expectStale(harness, old);
      expect(await harness.state()).toMatchObject({ openDueMs: harness.due(1) });
    },
  },
  {
    title: "still serves a lapsed lease until another owner takes over",
    async run(harness) {
      const lease = await harness.claimLapsed({ dueMs: harness.due(1) });
      expect(await harness.store.checkpoint(lease, "late")).toBe(true);
      expect(await harness.store.get(harness.source)).toBe("late");
      expect(await harness.store.release(lease, { type: "done" })).toBe(true);
      expect(await harness.ask({ dueMs: harness.due(1) })).toEqual({ granted: false, reason: "finished" });
    },
  },
  {
    title: "revives a lapsed lease that is renewed before another owner takes over",
    async run(harness) {
      const lease = await harness.claimLapsed({ dueMs: harness.due(1) });
      expect(await harness.state()).not.toHaveProperty("lease");
      expect(await harness.store.renew([lease], harness.time.longMs)).toEqual([true]);
      expect(await harness.ask({ dueMs: harness.due(2) })).toMatchObject({ granted: false, reason: "busy" });
    },
  },
  {
    title: "takes the lease from a live run when a person sets the cursor, and lets the run be resumed from there",
    async run(harness) {
      const running = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.set(harness.source, "by-hand");
      await expectStale(harness, running);
      expect(await harness.store.get(harness.source)).toBe("by-hand");
      const next = await harness.claim({ dueMs: harness.due(1) });
      expect(next).toMatchObject({ dueMs: harness.due(1), resumed: true, cursor: "by-hand" });
      expect(next.epoch).toBeGreaterThan(running.epoch);
    },
  },
  {
    title: "takes the lease from a live run when a person deletes the cursor, and lets the run begin anew",
    async run(harness) {
      const running = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.checkpoint(running, "page-9");
      expect(await harness.store.delete(harness.source)).toBe(true);
      await expectStale(harness, running);
      const next = await harness.claim({ dueMs: harness.due(1) });
      expect(next).toMatchObject({ dueMs: harness.due(1), resumed: true });
      expect(next).not.toHaveProperty("cursor");
      expect(next.epoch).toBeGreaterThan(running.epoch);
    },
  },
  {
    title: "takes the lease from a live run that has stored no cursor yet when a person deletes it",
    async run(harness) {
      const running = await harness.claim({ dueMs: harness.due(1) });
      expect(await harness.store.delete(harness.source)).toBe(false);
      await expectStale(harness, running);
    },
  },
  {
    title: "keeps a waiting run waiting when a person sets or deletes the cursor",
    async run(harness) {
      const run = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.release(run, { type: "unfinished", resumeInMs: harness.time.longMs });
      await harness.store.set(harness.source, "by-hand");
      expect(await harness.ask({ dueMs: harness.due(1) })).toMatchObject({ granted: false, reason: "waiting" });
      await harness.store.delete(harness.source);
      expect(await harness.ask({ dueMs: harness.due(1) })).toMatchObject({ granted: false, reason: "waiting" });
    },
  },
  {
    title: "ends a lease with its release: renewing, storing and releasing again are refused",
    async run(harness) {
      for (const outcome of [{ type: "done" }, { type: "unfinished", resumeInMs: 0 }] as const) {
        const lease = await harness.claim({ dueMs: harness.due(1) + (outcome.type === "done" ? 0 : 1) });
        expect(await harness.store.checkpoint(lease, "last")).toBe(true);
        expect(await harness.store.release(lease, outcome)).toBe(true);
        await expectStale(harness, lease);
        expect(await harness.state()).not.toHaveProperty("lease");
        expect(await harness.store.get(harness.source)).toBe("last");
      }
    },
  },
  {
    title: "raises the epoch with every grant, set and delete, and gives none out twice, not even after a delete",
    async run(harness) {
      const { store, source } = harness;
      const epochs: number[] = [];
      for (const between of [
        () => Promise.resolve(),
        () => store.set(source, "a"),
        () => store.delete(source),
        () => store.delete(source),
        () => store.set(source, "b"),
      ]) {
        const before = (await harness.state())?.epoch ?? epochs.at(-1) ?? 0;
        await between();
        const lease = await harness.claim();
        // A grant raises it by itself; what a person does in between raises it once more.
        if (epochs.length > 0) expect(lease.epoch).toBeGreaterThan(before + 1);
        epochs.push(lease.epoch);
        await store.release(lease, { type: "done" });
        await store.set(source, "c");
      }
      expect(epochs.toSorted((left, right) => left - right)).toEqual(epochs);
      expect(new Set(epochs).size).toBe(epochs.length);
    },
  },
  {
    title: "refuses an epoch it has not given out, and a lease on another source",
    async run(harness) {
      const lease = await harness.claim({ dueMs: harness.due(1) });
      await expectStale(harness, { ...lease, epoch: lease.epoch + 1 });
      await expectStale(harness, { ...lease, epoch: lease.epoch - 1 });
      await expectStale(harness, { ...lease, source: { kind: "github", name: "unheard-of" } });
      expect(await harness.store.list()).toHaveLength(1);
    },
  },
  {
    title: "answers each renewal for itself, in the order of the leases",
    async run(harness) {
      const stale = await harness.claimLapsed({ source: { kind: "github", name: "z" }, dueMs: harness.due(1) });
      await harness.claim({ source: stale.source, dueMs: harness.due(1) });
      const first = await harness.claim({ source: { kind: "github", name: "y" }, dueMs: harness.due(1) });
      const last = await harness.claim({ source: { kind: "github", name: "a" } });
      expect(await harness.store.renew([first, stale, last], harness.time.longMs)).toEqual([true, false, true]);
      expect(await harness.store.renew([stale, last], harness.time.longMs)).toEqual([false, true]);
      expect(await harness.store.renew([], harness.time.longMs)).toEqual([]);
    },
  },
];

/** Everything a lease can say is refused, and changes nothing. */
async function expectStale(harness: StoreHarness, lease: Lease): Promise<void> {
  const before = await settledStates(harness.store);
  expect(await harness.store.checkpoint(lease, "stale")).toBe(false);
  expect(await harness.store.renew([lease], harness.time.longMs * 2)).toEqual([false]);
  expect(await harness.store.release(lease, { type: "unfinished", resumeInMs: harness.time.longMs })).toBe(false);
  expect(await harness.store.release(lease, { type: "done" })).toBe(false);
  expect(await settledStates(harness.store)).toEqual(before);
}

/** The states without what merely runs down. */
async function settledStates(store: CursorStore): Promise<unknown[]> {
  const states = await store.list();
  return states.map(({ resumeInMs, lease, ...state }) => [state, { waits: resumeInMs !== undefined, owner: lease?.owner }]);
}
