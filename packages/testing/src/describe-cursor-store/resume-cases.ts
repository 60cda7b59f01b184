import { expect } from "vitest";
import type { CursorStoreCase } from "./cursor-store-case.ts";

/** What becomes of an unfinished run. */
export const resumeCases: readonly CursorStoreCase[] = [
  {
    title: "hands a lapsed run to the next one: its own due, its checkpoint, a higher epoch",
    async run(harness) {
      const lapsing = await harness.claim({ dueMs: harness.due(2), ttlMs: harness.time.shortMs });
      await harness.store.checkpoint(lapsing, "page-7");
      await harness.time.pass(harness.time.shortMs);
      const lease = await harness.claim({ dueMs: harness.due(2), owner: "owner-2" });
      expect(lease).toEqual({
        source: harness.source,
        owner: "owner-2",
        epoch: lease.epoch,
        dueMs: harness.due(2),
        resumed: true,
        cursor: "page-7",
      });
      expect(lease.epoch).toBeGreaterThan(lapsing.epoch);
    },
  },
  {
    title: "resumes the unfinished due when an older one is requested",
    async run(harness) {
      await harness.claimLapsed({ dueMs: harness.due(2) });
      expect(await harness.claim({ dueMs: harness.due(1) })).toMatchObject({ dueMs: harness.due(2), resumed: true });
    },
  },
  {
    title: "resumes the unfinished due when a finished one is requested",
    async run(harness) {
      await harness.store.release(await harness.claim({ dueMs: harness.due(1) }), { type: "done" });
      await harness.claimLapsed({ dueMs: harness.due(3) });
      expect(await harness.claim({ dueMs: harness.due(1) })).toMatchObject({ dueMs: harness.due(3), resumed: true });
    },
  },
  {
    title: "replaces an older unfinished due by the newer one that is requested",
    async run(harness) {
      await harness.claimLapsed({ dueMs: harness.due(1) });
      const lease = await harness.claim({ dueMs: harness.due(2) });
      expect(lease).toMatchObject({ dueMs: harness.due(2), resumed: false });
      expect(await harness.state()).toMatchObject({ openDueMs: harness.due(2) });
      await harness.store.release(lease, { type: "done" });
      expect(await harness.state()).toMatchObject({ finishedDueMs: harness.due(2) });
      expect(await harness.state()).not.toHaveProperty("openDueMs");
      expect(await harness.ask({ dueMs: harness.due(1) })).toEqual({ granted: false, reason: "finished" });
    },
  },
  {
    title: "resumes at once what was left with no waiting time",
    async run(harness) {
      const lease = await harness.claim({ dueMs: harness.due(1) });
      expect(await harness.store.release(lease, { type: "unfinished", resumeInMs: 0 })).toBe(true);
      expect(await harness.state()).not.toHaveProperty("resumeInMs");
      expect(await harness.claim({ dueMs: harness.due(1) })).toMatchObject({ dueMs: harness.due(1), resumed: true });
    },
  },
  {
    title: "lets an unfinished run wait for its time, whichever due is requested",
    async run(harness) {
      const { longMs } = harness.time;
      const lease = await harness.claim({ dueMs: harness.due(2) });
      await harness.store.release(lease, { type: "unfinished", resumeInMs: longMs });
      for (const dueMs of [harness.due(1), harness.due(2), harness.due(3)]) {
        const answer = await harness.ask({ dueMs });
        expect(answer).toMatchObject({ granted: false, reason: "waiting" });
        harness.expectRemaining("retryInMs" in answer ? answer.retryInMs : undefined, longMs);
      }
      const state = await harness.state();
      expect(state).toMatchObject({ openDueMs: harness.due(2) });
      expect(state).not.toHaveProperty("lease");
      harness.expectRemaining(state?.resumeInMs, longMs);
    },
  },
  {
    title: "resumes a waiting run to the millisecond",
    holdsFor: ({ clock }) => clock === "injected",
    async run(harness) {
      const lease = await harness.claim({ dueMs: harness.due(2) });
      await harness.time.pass(1_000);
      await harness.store.release(lease, { type: "unfinished", resumeInMs: 60_000 });
      await harness.time.pass(59_999);
      expect(await harness.ask({ dueMs: harness.due(2) })).toEqual({ granted: false, reason: "waiting", retryInMs: 1 });
      await harness.time.pass(1);
      expect(await harness.claim({ dueMs: harness.due(2) })).toMatchObject({ resumed: true });
    },
  },
  {
    title: "resumes a waiting run when its time has come, and then waits no more",
    async run(harness) {
      const { shortMs } = harness.time;
      const left = await harness.claim({ dueMs: harness.due(2) });
      await harness.store.release(left, { type: "unfinished", resumeInMs: shortMs });
      await harness.time.pass(shortMs);
      const resumed = await harness.claim({ dueMs: harness.due(2), owner: "owner-2" });
      expect(resumed).toMatchObject({ dueMs: harness.due(2), resumed: true });
      await harness.store.release(resumed, { type: "done" });
      expect(await harness.state()).toEqual({ source: harness.source, epoch: resumed.epoch, finishedDueMs: harness.due(2) });
      await harness.claim({ dueMs: harness.due(3) });
    },
  },
  {
    title: "goes by the latest waiting time of a run that was left twice",
    async run(harness) {
      const { shortMs, longMs } = harness.time;
      const first = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.release(first, { type: "unfinished", resumeInMs: shortMs });
      await harness.time.pass(shortMs);
      const second = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.release(second, { type: "unfinished", resumeInMs: longMs });
      expect(await harness.ask({ dueMs: harness.due(1) })).toMatchObject({ granted: false, reason: "waiting" });
      expect((await harness.state())?.openDueMs).toBe(harness.due(1));
    },
  },
  {
    title: "forgets the waiting time of a run that was resumed and then lapsed",
    async run(harness) {
      const { shortMs } = harness.time;
      const left = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.release(left, { type: "unfinished", resumeInMs: shortMs });
      await harness.time.pass(shortMs);
      await harness.claimLapsed({ dueMs: harness.due(1) });
      expect(await harness.claim({ dueMs: harness.due(1) })).toMatchObject({ resumed: true });
    },
  },
];
