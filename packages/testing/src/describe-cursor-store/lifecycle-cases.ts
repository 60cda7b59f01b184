import { expect } from "vitest";
import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import { itemAt } from "../required.ts";

/** Closing, opening again, and opening twice. */
export const lifecycleCases: readonly CursorStoreCase[] = [
  {
    title: "says in a few words what a stored cursor survives",
    async run(harness) {
      expect(harness.store.durability).toMatch(/^\S.{3,100}$/);
    },
  },
  {
    title: "says whether it lives in its process, in files or on a server, as its capabilities have it",
    async run({ store, capabilities: { shared, persistent } }) {
      expect(store.livesIn ?? "server").toBe(shared ? "server" : persistent ? "files" : "process");
    },
  },
  {
    title: "closes twice without complaint",
    async run(harness) {
      await Promise.all([harness.store.close(), harness.store.close()]);
      await harness.store.close();
    },
  },
  {
    title: "throws STORE_CLOSED from every call after close",
    async run(harness) {
      const { store, source } = harness;
      const lease = await harness.claim();
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
    async run(harness) {
      const lease = await harness.claim({ dueMs: harness.due(1) });
      const stored = harness.store.checkpoint(lease, "last");
      const closed = harness.store.close();
      expect(await stored).toBe(true);
      await closed;
      if (harness.capabilities.persistent) expect(await (await harness.reopen()).get(harness.source)).toBe("last");
    },
  },
  {
    title: "knows cursors, dues and waiting times after it is opened again",
    holdsFor: ({ persistent }) => persistent,
    async run(harness) {
      const waiting = { kind: "slack", name: "team" };
      await harness.store.set({ kind: "notion", name: "empty" }, "");
      const done = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.checkpoint(done, "Grüße 👋\n");
      await harness.store.release(done, { type: "done" });
      const left = await harness.claim({ source: waiting, dueMs: harness.due(2) });
      await harness.store.release(left, { type: "unfinished", resumeInMs: harness.time.longMs });
      const before = await harness.state();

      await harness.reopen();
      expect(await harness.state()).toEqual(before);
      expect(before).toMatchObject({ cursor: "Grüße 👋\n", finishedDueMs: harness.due(1) });
      expect(await harness.store.get({ kind: "notion", name: "empty" })).toBe("");
      expect(await harness.ask({ dueMs: harness.due(1) })).toEqual({ granted: false, reason: "finished" });
      expect(await harness.ask({ source: waiting, dueMs: harness.due(2) })).toMatchObject({ granted: false, reason: "waiting" });
      harness.expectRemaining((await harness.state(waiting))?.resumeInMs, harness.time.longMs);
    },
  },
  {
    title: "knows after it is opened again when a cursor was last written, even if it was the same",
    holdsFor: ({ persistent }) => persistent,
    async run(harness) {
      await harness.store.set(harness.source, "here");
      const lease = await harness.claim();
      await harness.time.pass(harness.time.shortMs);
      await harness.store.checkpoint(lease, "here");
      const before = await harness.state();
      await harness.reopen();
      expect((await harness.state())?.updatedAtMs).toBe(before?.updatedAtMs);
    },
  },
  {
    title: "knows thousands of sources and large cursors after it is opened again",
    holdsFor: ({ persistent }) => persistent,
    async run(harness) {
      const sources = Array.from({ length: 3_000 }, (_, index) => ({ kind: "github", name: `repo-${index}` }));
      await harness.store.acquire(
        sources.map((source) => ({ source, dueMs: harness.due(1), owner: "me", ttlMs: harness.time.longMs })),
      );
      const large = ["x".repeat(200_000), "世".repeat(100_000), "x".repeat(200_001)];
      for (const [index, cursor] of large.entries()) await harness.store.set({ kind: "large", name: `${index}` }, cursor);
      await harness.reopen();
      const states = await harness.store.list();
      expect(states).toHaveLength(sources.length + large.length);
      expect(new Set(states.slice(0, sources.length).map(({ openDueMs }) => openDueMs))).toEqual(new Set([harness.due(1)]));
      expect(states.slice(sources.length).every(({ cursor }, index) => cursor === large[index])).toBe(true);
    },
  },
  {
    title: "gives out no epoch again after it is opened again",
    holdsFor: ({ persistent }) => persistent,
    async run(harness) {
      let last = 0;
      for (let round = 0; round < 4; round += 1) {
        const lease = await harness.claim();
        expect(lease.epoch).toBeGreaterThan(last);
        last = lease.epoch;
        await harness.store.release(lease, { type: "done" });
        if (round === 1) await harness.store.delete(harness.source);
        await harness.reopen();
      }
    },
  },
  {
    title: "resumes at once, when it is opened again, a run that was live: its only holder is gone",
    holdsFor: ({ persistent, shared }) => persistent && !shared,
    async run(harness) {
      const running = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.checkpoint(running, "page-5");
      await harness.reopen();
      const lease = await harness.claim({ dueMs: harness.due(1), owner: "owner-2" });
      expect(lease).toMatchObject({ dueMs: harness.due(1), resumed: true, cursor: "page-5" });
      expect(lease.epoch).toBeGreaterThan(running.epoch);
      expect(await harness.store.checkpoint(running, "zombie")).toBe(false);
    },
  },
  {
    title: "keeps a live run's lease through closing and opening: its holder may be another process",
    holdsFor: ({ persistent, shared }) => persistent && shared,
    async run(harness) {
      const running = await harness.claim({ dueMs: harness.due(1) });
      await harness.reopen();
      expect(await harness.ask({ dueMs: harness.due(1) })).toMatchObject({ granted: false, reason: "busy" });
      expect(await harness.store.checkpoint(running, "continues")).toBe(true);
    },
  },
  {
    title: "knows nothing after it is opened again",
    holdsFor: ({ persistent }) => !persistent,
    async run(harness) {
      await harness.store.set(harness.source, "here");
      await harness.claim({ dueMs: harness.due(1) });
      await harness.reopen();
      expect(await harness.store.get(harness.source)).toBeUndefined();
      expect(await harness.store.list()).toEqual([]);
    },
  },
  {
    title: "refuses a second opener with STORE_LOCKED, and the first notices nothing",
    holdsFor: ({ persistent, shared }) => persistent && !shared,
    async run(harness) {
      await harness.store.set(harness.source, "here");
      for (let attempt = 0; attempt < 2; attempt += 1) {
        expect(await codeOf(() => harness.open())).toBe("STORE_LOCKED");
      }
      await harness.store.set(harness.source, "there");
      await harness.reopen();
      expect(await harness.store.get(harness.source)).toBe("there");
    },
  },
  {
    title: "shares nothing between two that are open",
    holdsFor: ({ persistent, shared }) => !persistent && !shared,
    async run(harness) {
      const other = await harness.open();
      await harness.store.set(harness.source, "here");
      expect(await other.get(harness.source)).toBeUndefined();
      await harness.claim({ dueMs: harness.due(1) });
      await harness.claim({ dueMs: harness.due(1), store: other });
    },
  },
  {
    title: "shows each of two openers at once what the other does, and fences them against each other",
    holdsFor: ({ shared }) => shared,
    async run(harness) {
      const other = await harness.open();
      const old = await harness.claim({ dueMs: harness.due(1), owner: "here" });
      await harness.store.checkpoint(old, "page-1");
      expect(await other.get(harness.source)).toBe("page-1");
      expect(await harness.ask({ dueMs: harness.due(2), store: other })).toMatchObject({ granted: false, reason: "busy" });
      expect(await other.renew([old], harness.time.shortMs)).toEqual([true]);
      await harness.time.pass(harness.time.shortMs);
      const taken = await harness.claim({ dueMs: harness.due(1), owner: "there", store: other });
      expect(taken).toMatchObject({ dueMs: harness.due(1), resumed: true, cursor: "page-1" });
      expect(await harness.store.checkpoint(old, "zombie")).toBe(false);
      await other.close();
      expect(await harness.store.checkpoint(taken, "page-2")).toBe(true);
    },
  },
  {
    title: "grants one of 50 owners who claim through several openers at the same moment",
    holdsFor: ({ shared }) => shared,
    async run(harness) {
      const handles = [harness.store, await harness.open(), await harness.open()];
      const asks = Array.from({ length: 50 }, (_, index) =>
        harness.ask({ dueMs: harness.due(1), owner: `owner-${index}`, store: itemAt(handles, index % handles.length) }),
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
