import { expect } from "vitest";
import type { CursorStoreCase } from "./cursor-store-case.ts";

/** What becomes of a tick that somebody left unfinished. */
export const resumeCases: readonly CursorStoreCase[] = [
  {
    title: "hands a lapsed tick to the next one: its own due, its checkpoint, a higher epoch",
    async run(bench) {
      const lapsing = await bench.claim({ dueMs: bench.due(2), ttlMs: bench.time.shortMs });
      await bench.store.checkpoint(lapsing, "page-7");
      await bench.time.pass(bench.time.shortMs);
      const lease = await bench.claim({ dueMs: bench.due(2), owner: "owner-2" });
      expect(lease).toEqual({
        source: bench.source,
        owner: "owner-2",
        epoch: lease.epoch,
        dueMs: bench.due(2),
        resumed: true,
        cursor: "page-7",
      });
      expect(lease.epoch).toBeGreaterThan(lapsing.epoch);
    },
  },
  {
    title: "resumes the unfinished due when an older one is asked for",
    async run(bench) {
      await bench.claimLapsed({ dueMs: bench.due(2) });
      expect(await bench.claim({ dueMs: bench.due(1) })).toMatchObject({ dueMs: bench.due(2), resumed: true });
    },
  },
  {
    title: "resumes the unfinished due when a finished one is asked for",
    async run(bench) {
      await bench.store.release(await bench.claim({ dueMs: bench.due(1) }), { type: "done" });
      await bench.claimLapsed({ dueMs: bench.due(3) });
      expect(await bench.claim({ dueMs: bench.due(1) })).toMatchObject({ dueMs: bench.due(3), resumed: true });
    },
  },
  {
    title: "replaces an older unfinished due by the newer one that is asked for",
    async run(bench) {
      await bench.claimLapsed({ dueMs: bench.due(1) });
      const lease = await bench.claim({ dueMs: bench.due(2) });
      expect(lease).toMatchObject({ dueMs: bench.due(2), resumed: false });
      expect(await bench.state()).toMatchObject({ openDueMs: bench.due(2) });
      await bench.store.release(lease, { type: "done" });
      expect(await bench.state()).toMatchObject({ finishedDueMs: bench.due(2) });
      expect(await bench.state()).not.toHaveProperty("openDueMs");
      expect(await bench.ask({ dueMs: bench.due(1) })).toEqual({ granted: false, reason: "finished" });
    },
  },
  {
    title: "resumes at once what was left with no waiting time",
    async run(bench) {
      const lease = await bench.claim({ dueMs: bench.due(1) });
      expect(await bench.store.release(lease, { type: "unfinished", resumeInMs: 0 })).toBe(true);
      expect(await bench.state()).not.toHaveProperty("resumeInMs");
      expect(await bench.claim({ dueMs: bench.due(1) })).toMatchObject({ dueMs: bench.due(1), resumed: true });
    },
  },
  {
    title: "lets an unfinished tick wait for its time, whichever due is asked for",
    async run(bench) {
      const { longMs } = bench.time;
      const lease = await bench.claim({ dueMs: bench.due(2) });
      await bench.store.release(lease, { type: "unfinished", resumeInMs: longMs });
      for (const dueMs of [bench.due(1), bench.due(2), bench.due(3)]) {
        const answer = await bench.ask({ dueMs });
        expect(answer).toMatchObject({ granted: false, reason: "waiting" });
        bench.expectRemaining("retryInMs" in answer ? answer.retryInMs : undefined, longMs);
      }
      const state = await bench.state();
      expect(state).toMatchObject({ openDueMs: bench.due(2) });
      expect(state).not.toHaveProperty("lease");
      bench.expectRemaining(state?.resumeInMs, longMs);
    },
  },
  {
    title: "resumes a waiting tick to the millisecond",
    appliesTo: ({ clock }) => clock === "injected",
    async run(bench) {
      const lease = await bench.claim({ dueMs: bench.due(2) });
      await bench.time.pass(1_000);
      await bench.store.release(lease, { type: "unfinished", resumeInMs: 60_000 });
      await bench.time.pass(59_999);
      expect(await bench.ask({ dueMs: bench.due(2) })).toEqual({ granted: false, reason: "waiting", retryInMs: 1 });
      await bench.time.pass(1);
      expect(await bench.claim({ dueMs: bench.due(2) })).toMatchObject({ resumed: true });
    },
  },
  {
    title: "resumes a waiting tick when its time has come, and then waits no more",
    async run(bench) {
      const { shortMs } = bench.time;
      const left = await bench.claim({ dueMs: bench.due(2) });
      await bench.store.release(left, { type: "unfinished", resumeInMs: shortMs });
      await bench.time.pass(shortMs);
      const resumed = await bench.claim({ dueMs: bench.due(2), owner: "owner-2" });
      expect(resumed).toMatchObject({ dueMs: bench.due(2), resumed: true });
      await bench.store.release(resumed, { type: "done" });
      expect(await bench.state()).toEqual({ source: bench.source, epoch: resumed.epoch, finishedDueMs: bench.due(2) });
      await bench.claim({ dueMs: bench.due(3) });
    },
  },
  {
    title: "goes by the latest waiting time of a tick that was left twice",
    async run(bench) {
      const { shortMs, longMs } = bench.time;
      const first = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.release(first, { type: "unfinished", resumeInMs: shortMs });
      await bench.time.pass(shortMs);
      const second = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.release(second, { type: "unfinished", resumeInMs: longMs });
      expect(await bench.ask({ dueMs: bench.due(1) })).toMatchObject({ granted: false, reason: "waiting" });
      expect((await bench.state())?.openDueMs).toBe(bench.due(1));
    },
  },
  {
    title: "forgets the waiting time of a tick that was resumed and then lapsed",
    async run(bench) {
      const { shortMs } = bench.time;
      const left = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.release(left, { type: "unfinished", resumeInMs: shortMs });
      await bench.time.pass(shortMs);
      await bench.claimLapsed({ dueMs: bench.due(1) });
      expect(await bench.claim({ dueMs: bench.due(1) })).toMatchObject({ resumed: true });
    },
  },
];
