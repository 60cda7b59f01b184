import { expect } from "vitest";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { CursorStoreCase } from "./cursor-store-case.ts";

/** Closing, opening again, and opening twice. */
export const lifecycleCases: readonly CursorStoreCase[] = [
  {
    title: "says in a few words what a stored cursor survives",
    async run(bench) {
      expect(bench.store.durability).toMatch(/^\S.{3,100}$/);
    },
  },
  {
    title: "closes twice without complaint",
    async run(bench) {
      await Promise.all([bench.store.close(), bench.store.close()]);
      await bench.store.close();
    },
  },
  {
    title: "throws STORE_CLOSED from every call after close",
    async run(bench) {
      const { store, source } = bench;
      const lease = await bench.claim();
      await store.close();
      const calls: Readonly<Record<string, () => Promise<unknown>>> = {
        get: () => store.get(source),
        set: () => store.set(source, "x"),
        delete: () => store.delete(source),
        list: () => store.list(),
        acquire: () => store.acquire([{ source, owner: "owner-1", ttlMs: 1_000 }]),
        acquireNothing: () => store.acquire([]),
        renew: () => store.renew([lease], 1_000),
        renewNothing: () => store.renew([], 1_000),
        checkpoint: () => store.checkpoint(lease, "x"),
        release: () => store.release(lease, { type: "done" }),
      };
      const outcomes = await Promise.all(Object.entries(calls).map(async ([name, call]) => [name, await codeOf(call)]));
      expect(outcomes).toEqual(Object.keys(calls).map((name) => [name, "STORE_CLOSED"]));
    },
  },
  {
    title: "finishes what is under way when it is closed",
    async run(bench) {
      const lease = await bench.claim({ dueMs: bench.due(1) });
      const stored = bench.store.checkpoint(lease, "last");
      const closed = bench.store.close();
      expect(await stored).toBe(true);
      await closed;
      if (bench.capabilities.persistent) expect(await (await bench.reopen()).get(bench.source)).toBe("last");
    },
  },
  {
    title: "knows cursors, dues and waiting times after it is opened again",
    appliesTo: ({ persistent }) => persistent,
    async run(bench) {
      const waiting = { kind: "slack", name: "team" };
      await bench.store.set({ kind: "notion", name: "empty" }, "");
      const done = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.checkpoint(done, "Grüße 👋\n");
      await bench.store.release(done, { type: "done" });
      const left = await bench.claim({ source: waiting, dueMs: bench.due(2) });
      await bench.store.release(left, { type: "unfinished", resumeInMs: bench.time.longMs });
      const before = await bench.state();

      await bench.reopen();
      expect(await bench.state()).toEqual(before);
      expect(before).toMatchObject({ cursor: "Grüße 👋\n", finishedDueMs: bench.due(1) });
      expect(await bench.store.get({ kind: "notion", name: "empty" })).toBe("");
      expect(await bench.ask({ dueMs: bench.due(1) })).toEqual({ granted: false, reason: "finished" });
      expect(await bench.ask({ source: waiting, dueMs: bench.due(2) })).toMatchObject({ granted: false, reason: "waiting" });
      bench.expectRemaining((await bench.state(waiting))?.resumeInMs, bench.time.longMs);
    },
  },
  {
    title: "knows after it is opened again when a cursor was last written, even if it was the same",
    appliesTo: ({ persistent }) => persistent,
    async run(bench) {
      await bench.store.set(bench.source, "here");
      const lease = await bench.claim();
      await bench.time.pass(bench.time.shortMs);
      await bench.store.checkpoint(lease, "here");
      const before = await bench.state();
      await bench.reopen();
      expect((await bench.state())?.updatedAtMs).toBe(before?.updatedAtMs);
    },
  },
  {
    title: "knows thousands of sources and large cursors after it is opened again",
    appliesTo: ({ persistent }) => persistent,
    async run(bench) {
      const sources = Array.from({ length: 3_000 }, (_, index) => ({ kind: "github", name: `repo-${index}` }));
      await bench.store.acquire(
        sources.map((source) => ({ source, dueMs: bench.due(1), owner: "me", ttlMs: bench.time.longMs })),
      );
      const large = ["x".repeat(200_000), "世".repeat(100_000), "x".repeat(200_001)];
      for (const [index, cursor] of large.entries()) await bench.store.set({ kind: "large", name: `${index}` }, cursor);
      await bench.reopen();
      const states = await bench.store.list();
      expect(states).toHaveLength(sources.length + large.length);
      expect(new Set(states.slice(0, sources.length).map(({ openDueMs }) => openDueMs))).toEqual(new Set([bench.due(1)]));
      expect(states.slice(sources.length).every(({ cursor }, index) => cursor === large[index])).toBe(true);
    },
  },
  {
    title: "gives out no epoch again after it is opened again",
    appliesTo: ({ persistent }) => persistent,
    async run(bench) {
      let last = 0;
      for (let round = 0; round < 4; round += 1) {
        const lease = await bench.claim();
        expect(lease.epoch).toBeGreaterThan(last);
        last = lease.epoch;
        await bench.store.release(lease, { type: "done" });
        if (round === 1) await bench.store.delete(bench.source);
        await bench.reopen();
      }
    },
  },
  {
    title: "resumes at once, when it is opened again, a tick that was running: its only holder is gone",
    appliesTo: ({ persistent, shared }) => persistent && !shared,
    async run(bench) {
      const running = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.checkpoint(running, "page-5");
      await bench.reopen();
      const lease = await bench.claim({ dueMs: bench.due(1), owner: "owner-2" });
      expect(lease).toMatchObject({ dueMs: bench.due(1), resumed: true, cursor: "page-5" });
      expect(lease.epoch).toBeGreaterThan(running.epoch);
      expect(await bench.store.checkpoint(running, "zombie")).toBe(false);
    },
  },
  {
    title: "keeps a running tick's lease through closing and opening: its holder may be another process",
    appliesTo: ({ persistent, shared }) => persistent && shared,
    async run(bench) {
      const running = await bench.claim({ dueMs: bench.due(1) });
      await bench.reopen();
      expect(await bench.ask({ dueMs: bench.due(1) })).toMatchObject({ granted: false, reason: "busy" });
      expect(await bench.store.checkpoint(running, "goes on")).toBe(true);
    },
  },
  {
    title: "knows nothing after it is opened again",
    appliesTo: ({ persistent }) => !persistent,
    async run(bench) {
      await bench.store.set(bench.source, "here");
      await bench.claim({ dueMs: bench.due(1) });
      await bench.reopen();
      expect(await bench.store.get(bench.source)).toBeUndefined();
      expect(await bench.store.list()).toEqual([]);
    },
  },
  {
    title: "refuses a second opener with STORE_LOCKED, and the first notices nothing",
    appliesTo: ({ persistent, shared }) => persistent && !shared,
    async run(bench) {
      await bench.store.set(bench.source, "here");
      for (let attempt = 0; attempt < 2; attempt += 1) {
        expect(await codeOf(() => bench.open())).toBe("STORE_LOCKED");
      }
      await bench.store.set(bench.source, "there");
      await bench.reopen();
      expect(await bench.store.get(bench.source)).toBe("there");
    },
  },
  {
    title: "shares nothing between two that are open",
    appliesTo: ({ persistent, shared }) => !persistent && !shared,
    async run(bench) {
      const other = await bench.open();
      await bench.store.set(bench.source, "here");
      expect(await other.get(bench.source)).toBeUndefined();
      await bench.claim({ dueMs: bench.due(1) });
      await bench.claim({ dueMs: bench.due(1), store: other });
    },
  },
  {
    title: "shows each of two openers at once what the other does, and fences them against each other",
    appliesTo: ({ shared }) => shared,
    async run(bench) {
      const other = await bench.open();
      const old = await bench.claim({ dueMs: bench.due(1), owner: "here" });
      await bench.store.checkpoint(old, "page-1");
      expect(await other.get(bench.source)).toBe("page-1");
      expect(await bench.ask({ dueMs: bench.due(2), store: other })).toMatchObject({ granted: false, reason: "busy" });
      expect(await other.renew([old], bench.time.shortMs)).toEqual([true]);
      await bench.time.pass(bench.time.shortMs);
      const taken = await bench.claim({ dueMs: bench.due(1), owner: "there", store: other });
      expect(taken).toMatchObject({ dueMs: bench.due(1), resumed: true, cursor: "page-1" });
      expect(await bench.store.checkpoint(old, "zombie")).toBe(false);
      await other.close();
      expect(await bench.store.checkpoint(taken, "page-2")).toBe(true);
    },
  },
  {
    title: "grants one of 50 owners who ask through several openers at the same moment",
    appliesTo: ({ shared }) => shared,
    async run(bench) {
      const handles = [bench.store, await bench.open(), await bench.open()];
      const asks = Array.from({ length: 50 }, (_, index) =>
        bench.ask({ dueMs: bench.due(1), owner: `owner-${index}`, store: handles[index % handles.length]! }),
      );
      expect((await Promise.all(asks)).filter((answer) => answer.granted)).toHaveLength(1);
    },
  },
];

/** The code of the error that a call throws, or what it gave instead. */
async function codeOf(call: () => Promise<unknown>): Promise<string> {
  try {
    return `gave ${JSON.stringify(await call())}`;
  } catch (error) {
    return isConnectorsError(error) ? error.code : `threw ${String(error)}`;
  }
}
