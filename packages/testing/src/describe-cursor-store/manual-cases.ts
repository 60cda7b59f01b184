import { expect } from "vitest";
import type { CursorStoreCase } from "./cursor-store-case.ts";

/** Leases without a due: manual syncs and triggers. */
export const manualCases: readonly CursorStoreCase[] = [
  {
    title: "grants a lease without a due, which claims none",
    async run(harness) {
      const lease = await harness.claim({ owner: "a person" });
      expect(lease).toEqual({ source: harness.source, owner: "a person", epoch: lease.epoch, resumed: false });
      const state = await harness.state();
      expect(state).toEqual({
        source: harness.source,
        epoch: lease.epoch,
        lease: { owner: "a person", lapsesInMs: state?.lease?.lapsesInMs },
      });
      harness.expectRemaining(state?.lease?.lapsesInMs, harness.time.longMs);
    },
  },
  {
    title: "finishes no due when a lease without one is done",
    async run(harness) {
      await harness.store.release(await harness.claim({ dueMs: harness.due(1) }), { type: "done" });
      const lease = await harness.claim();
      expect(await harness.store.release(lease, { type: "done" })).toBe(true);
      expect(await harness.state()).toEqual({ source: harness.source, epoch: lease.epoch, finishedDueMs: harness.due(1) });
      expect(await harness.claim({ dueMs: harness.due(2) })).toMatchObject({ resumed: false });
    },
  },
  {
    title: "grants a lease without a due while a run waits, and leaves the run waiting",
    async run(harness) {
      const { longMs } = harness.time;
      const run = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.checkpoint(run, "page-3");
      await harness.store.release(run, { type: "unfinished", resumeInMs: longMs });
      const lease = await harness.claim();
      expect(lease).toEqual({ source: harness.source, owner: "owner-1", epoch: lease.epoch, resumed: false, cursor: "page-3" });
      expect(await harness.store.checkpoint(lease, "page-4")).toBe(true);
      expect(await harness.store.release(lease, { type: "done" })).toBe(true);
      expect(await harness.ask({ dueMs: harness.due(1) })).toMatchObject({ granted: false, reason: "waiting" });
      const state = await harness.state();
      expect(state).toMatchObject({ cursor: "page-4", openDueMs: harness.due(1) });
      expect(state).not.toHaveProperty("finishedDueMs");
      harness.expectRemaining(state?.resumeInMs, longMs);
    },
  },
  {
    title: "leaves a lapsed run to be resumed after a lease without a due",
    async run(harness) {
      await harness.claimLapsed({ dueMs: harness.due(1) });
      const lease = await harness.claim();
      expect(lease.resumed).toBe(false);
      await harness.store.release(lease, { type: "done" });
      expect(await harness.claim({ dueMs: harness.due(1) })).toMatchObject({ dueMs: harness.due(1), resumed: true });
    },
  },
  {
    title: "just ends a lease without a due that is released unfinished",
    async run(harness) {
      const lease = await harness.claim();
      expect(await harness.store.release(lease, { type: "unfinished", resumeInMs: harness.time.longMs })).toBe(true);
      expect(await harness.state()).toBeUndefined();
      expect(await harness.claim({ dueMs: harness.due(1) })).toMatchObject({ dueMs: harness.due(1), resumed: false });
    },
  },
  {
    title: "keeps the waiting time of a run when a lease without a due is released unfinished",
    async run(harness) {
      const run = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.release(run, { type: "unfinished", resumeInMs: harness.time.shortMs });
      const lease = await harness.claim();
      await harness.store.release(lease, { type: "unfinished", resumeInMs: harness.time.longMs });
      await harness.time.pass(harness.time.shortMs);
      expect(await harness.claim({ dueMs: harness.due(1) })).toMatchObject({ dueMs: harness.due(1), resumed: true });
    },
  },
  {
    title: "answers busy to a request without a due while a run is live",
    async run(harness) {
      await harness.claim({ dueMs: harness.due(1) });
      expect(await harness.ask({ owner: "a person" })).toMatchObject({ granted: false, reason: "busy" });
    },
  },
];
