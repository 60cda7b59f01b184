import { expect } from "vitest";
import type { CursorStoreCase } from "./cursor-store-case.ts";

/** Leases without a due: manual syncs and triggers. */
export const manualCases: readonly CursorStoreCase[] = [
  {
    title: "grants a lease without a due, which claims none",
    async run(bench) {
      const lease = await bench.claim({ owner: "a person" });
      expect(lease).toEqual({ source: bench.source, owner: "a person", epoch: lease.epoch, resumed: false });
      const state = await bench.state();
      expect(state).toEqual({
        source: bench.source,
        epoch: lease.epoch,
        lease: { owner: "a person", lapsesInMs: state?.lease?.lapsesInMs },
      });
      bench.expectRemaining(state?.lease?.lapsesInMs, bench.time.longMs);
    },
  },
  {
    title: "finishes no due when a lease without one is done",
    async run(bench) {
      await bench.store.release(await bench.claim({ dueMs: bench.due(1) }), { type: "done" });
      const lease = await bench.claim();
      expect(await bench.store.release(lease, { type: "done" })).toBe(true);
      expect(await bench.state()).toEqual({ source: bench.source, epoch: lease.epoch, finishedDueMs: bench.due(1) });
      expect(await bench.claim({ dueMs: bench.due(2) })).toMatchObject({ resumed: false });
    },
  },
  {
    title: "grants a lease without a due while a tick waits, and leaves the tick waiting",
    async run(bench) {
      const { longMs } = bench.time;
      const tick = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.checkpoint(tick, "page-3");
      await bench.store.release(tick, { type: "unfinished", resumeInMs: longMs });
      const lease = await bench.claim();
      expect(lease).toEqual({ source: bench.source, owner: "owner-1", epoch: lease.epoch, resumed: false, cursor: "page-3" });
      expect(await bench.store.checkpoint(lease, "page-4")).toBe(true);
      expect(await bench.store.release(lease, { type: "done" })).toBe(true);
      expect(await bench.ask({ dueMs: bench.due(1) })).toMatchObject({ granted: false, reason: "waiting" });
      const state = await bench.state();
      expect(state).toMatchObject({ cursor: "page-4", openDueMs: bench.due(1) });
      expect(state).not.toHaveProperty("finishedDueMs");
      bench.expectRemaining(state?.resumeInMs, longMs);
    },
  },
  {
    title: "leaves a lapsed tick to be resumed after a lease without a due",
    async run(bench) {
      await bench.claimLapsed({ dueMs: bench.due(1) });
      const lease = await bench.claim();
      expect(lease.resumed).toBe(false);
      await bench.store.release(lease, { type: "done" });
      expect(await bench.claim({ dueMs: bench.due(1) })).toMatchObject({ dueMs: bench.due(1), resumed: true });
    },
  },
  {
    title: "just ends a lease without a due that is released unfinished",
    async run(bench) {
      const lease = await bench.claim();
      expect(await bench.store.release(lease, { type: "unfinished", resumeInMs: bench.time.longMs })).toBe(true);
      expect(await bench.state()).toBeUndefined();
      expect(await bench.claim({ dueMs: bench.due(1) })).toMatchObject({ dueMs: bench.due(1), resumed: false });
    },
  },
  {
    title: "keeps the waiting time of a tick when a lease without a due is released unfinished",
    async run(bench) {
      const tick = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.release(tick, { type: "unfinished", resumeInMs: bench.time.shortMs });
      const lease = await bench.claim();
      await bench.store.release(lease, { type: "unfinished", resumeInMs: bench.time.longMs });
      await bench.time.pass(bench.time.shortMs);
      expect(await bench.claim({ dueMs: bench.due(1) })).toMatchObject({ dueMs: bench.due(1), resumed: true });
    },
  },
  {
    title: "answers busy to whoever asks without a due while a tick runs",
    async run(bench) {
      await bench.claim({ dueMs: bench.due(1) });
      expect(await bench.ask({ owner: "a person" })).toMatchObject({ granted: false, reason: "busy" });
    },
  },
];
