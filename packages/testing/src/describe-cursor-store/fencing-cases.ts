import { expect } from "vitest";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import type { StoreBench } from "./store-bench.ts";

/** Whose word counts: what a lease may still do once somebody else has touched its source. */
export const fencingCases: readonly CursorStoreCase[] = [
  {
    title: "refuses every word of a superseded lease, and its successor notices nothing",
    async run(bench) {
      const old = await bench.claimLapsed({ dueMs: bench.due(1) });
      const taken = await bench.claim({ dueMs: bench.due(1), owner: "owner-2" });
      await bench.store.checkpoint(taken, "new");
      await expectStale(bench, old);
      expect(await bench.state()).toMatchObject({ cursor: "new", openDueMs: bench.due(1), lease: { owner: "owner-2" } });
      expect(await bench.store.renew([taken], bench.time.longMs)).toEqual([true]);
      expect(await bench.store.checkpoint(taken, "newer")).toBe(true);
      expect(await bench.store.release(taken, { type: "done" })).toBe(true);
      expect(await bench.store.get(bench.source)).toBe("newer");
    },
  },
  {
    title: "refuses an owner its own superseded lease: the epoch counts, not the name",
    async run(bench) {
      const old = await bench.claimLapsed({ dueMs: bench.due(1), owner: "same" });
      await bench.claim({ dueMs: bench.due(1), owner: "same" });
      await expectStale(bench, old);
    },
  },
  {
    title: "refuses a lease that a lease without a due has superseded",
    async run(bench) {
      const old = await bench.claimLapsed({ dueMs: bench.due(1) });
      await bench.claim({ owner: "a person" });
      await expectStale(bench, old);
      expect(await bench.state()).toMatchObject({ openDueMs: bench.due(1) });
    },
  },
  {
    title: "still serves a lease whose time is over while nobody has taken over",
    async run(bench) {
      const lease = await bench.claimLapsed({ dueMs: bench.due(1) });
      expect(await bench.store.checkpoint(lease, "late")).toBe(true);
      expect(await bench.store.get(bench.source)).toBe("late");
      expect(await bench.store.release(lease, { type: "done" })).toBe(true);
      expect(await bench.ask({ dueMs: bench.due(1) })).toEqual({ granted: false, reason: "finished" });
    },
  },
  {
    title: "revives a lapsed lease that is renewed before anybody has taken over",
    async run(bench) {
      const lease = await bench.claimLapsed({ dueMs: bench.due(1) });
      expect(await bench.state()).not.toHaveProperty("lease");
      expect(await bench.store.renew([lease], bench.time.longMs)).toEqual([true]);
      expect(await bench.ask({ dueMs: bench.due(2) })).toMatchObject({ granted: false, reason: "busy" });
    },
  },
  {
    title: "takes the lease from a running tick when a person sets the cursor, and lets the tick be resumed from there",
    async run(bench) {
      const running = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.set(bench.source, "by-hand");
      await expectStale(bench, running);
      expect(await bench.store.get(bench.source)).toBe("by-hand");
      const next = await bench.claim({ dueMs: bench.due(1) });
      expect(next).toMatchObject({ dueMs: bench.due(1), resumed: true, cursor: "by-hand" });
      expect(next.epoch).toBeGreaterThan(running.epoch);
    },
  },
  {
    title: "takes the lease from a running tick when a person deletes the cursor, and lets the tick begin anew",
    async run(bench) {
      const running = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.checkpoint(running, "page-9");
      expect(await bench.store.delete(bench.source)).toBe(true);
      await expectStale(bench, running);
      const next = await bench.claim({ dueMs: bench.due(1) });
      expect(next).toMatchObject({ dueMs: bench.due(1), resumed: true });
      expect(next).not.toHaveProperty("cursor");
      expect(next.epoch).toBeGreaterThan(running.epoch);
    },
  },
  {
    title: "takes the lease from a running tick that has stored no cursor yet when a person deletes it",
    async run(bench) {
      const running = await bench.claim({ dueMs: bench.due(1) });
      expect(await bench.store.delete(bench.source)).toBe(false);
      await expectStale(bench, running);
    },
  },
  {
    title: "keeps a waiting tick waiting when a person sets or deletes the cursor",
    async run(bench) {
      const tick = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.release(tick, { type: "unfinished", resumeInMs: bench.time.longMs });
      await bench.store.set(bench.source, "by-hand");
      expect(await bench.ask({ dueMs: bench.due(1) })).toMatchObject({ granted: false, reason: "waiting" });
      await bench.store.delete(bench.source);
      expect(await bench.ask({ dueMs: bench.due(1) })).toMatchObject({ granted: false, reason: "waiting" });
    },
  },
  {
    title: "ends a lease with its release: renewing, storing and releasing again are refused",
    async run(bench) {
      for (const outcome of [{ type: "done" }, { type: "unfinished", resumeInMs: 0 }] as const) {
        const lease = await bench.claim({ dueMs: bench.due(1) + (outcome.type === "done" ? 0 : 1) });
        expect(await bench.store.checkpoint(lease, "last")).toBe(true);
        expect(await bench.store.release(lease, outcome)).toBe(true);
        await expectStale(bench, lease);
        expect(await bench.state()).not.toHaveProperty("lease");
        expect(await bench.store.get(bench.source)).toBe("last");
      }
    },
  },
  {
    title: "raises the epoch with every grant, set and delete, and gives none out twice, not even after a delete",
    async run(bench) {
      const { store, source } = bench;
      const epochs: number[] = [];
      for (const between of [
        () => Promise.resolve(),
        () => store.set(source, "a"),
        () => store.delete(source),
        () => store.delete(source),
        () => store.set(source, "b"),
      ]) {
        const before = (await bench.state())?.epoch ?? epochs.at(-1) ?? 0;
        await between();
        const lease = await bench.claim();
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
    async run(bench) {
      const lease = await bench.claim({ dueMs: bench.due(1) });
      await expectStale(bench, { ...lease, epoch: lease.epoch + 1 });
      await expectStale(bench, { ...lease, epoch: lease.epoch - 1 });
      await expectStale(bench, { ...lease, source: { kind: "github", name: "unheard-of" } });
      expect(await bench.store.list()).toHaveLength(1);
    },
  },
  {
    title: "answers each renewal for itself, in the order of the leases",
    async run(bench) {
      const stale = await bench.claimLapsed({ source: { kind: "github", name: "z" }, dueMs: bench.due(1) });
      await bench.claim({ source: stale.source, dueMs: bench.due(1) });
      const first = await bench.claim({ source: { kind: "github", name: "y" }, dueMs: bench.due(1) });
      const last = await bench.claim({ source: { kind: "github", name: "a" } });
      expect(await bench.store.renew([first, stale, last], bench.time.longMs)).toEqual([true, false, true]);
      expect(await bench.store.renew([stale, last], bench.time.longMs)).toEqual([false, true]);
      expect(await bench.store.renew([], bench.time.longMs)).toEqual([]);
    },
  },
];

/** Everything a lease can say is refused, and changes nothing. */
async function expectStale(bench: StoreBench, lease: Lease): Promise<void> {
  const before = await settledStates(bench.store);
  expect(await bench.store.checkpoint(lease, "stale")).toBe(false);
  expect(await bench.store.renew([lease], bench.time.longMs * 2)).toEqual([false]);
  expect(await bench.store.release(lease, { type: "unfinished", resumeInMs: bench.time.longMs })).toBe(false);
  expect(await bench.store.release(lease, { type: "done" })).toBe(false);
  expect(await settledStates(bench.store)).toEqual(before);
}

/** The states without what merely runs down. */
async function settledStates(store: CursorStore): Promise<unknown[]> {
  const states = await store.list();
  return states.map(({ resumeInMs, lease, ...state }) => [state, { waits: resumeInMs !== undefined, owner: lease?.owner }]);
}
