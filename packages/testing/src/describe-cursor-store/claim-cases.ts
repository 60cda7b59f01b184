import { expect } from "vitest";
import { maxDueAheadMs } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";

/** Who gets a due, and what the others are told. */
export const claimCases: readonly CursorStoreCase[] = [
  {
    title: "grants a due to the first who asks",
    async run(bench) {
      const lease = await bench.claim({ dueMs: bench.due(1), owner: "first" });
      expect(lease).toEqual({ source: bench.source, owner: "first", epoch: lease.epoch, dueMs: bench.due(1), resumed: false });
      expect(Number.isSafeInteger(lease.epoch)).toBe(true);
      expect(lease.epoch).toBeGreaterThan(0);
    },
  },
  {
    title: "takes the due 0 for a due, not for none",
    async run(bench) {
      const lease = await bench.claim({ dueMs: 0 });
      expect(lease.dueMs).toBe(0);
      expect(await bench.store.release(lease, { type: "done" })).toBe(true);
      expect(await bench.ask({ dueMs: 0 })).toEqual({ granted: false, reason: "finished" });
    },
  },
  {
    title: "hands the stored cursor over with the lease, also an empty one",
    async run(bench) {
      await bench.store.set(bench.source, "");
      expect((await bench.claim({ dueMs: bench.due(1) })).cursor).toBe("");
      const other = { kind: "slack", name: "team" };
      await bench.store.set(other, "from-here");
      expect((await bench.claim({ source: other })).cursor).toBe("from-here");
    },
  },
  {
    title: "answers busy while a lease is live, to its own owner too, and says for how long",
    async run(bench) {
      await bench.claim({ dueMs: bench.due(1), owner: "holder" });
      for (const claim of [{ dueMs: bench.due(2) }, { dueMs: bench.due(1), owner: "holder" }, {}]) {
        const answer = await bench.ask(claim);
        expect(answer).toMatchObject({ granted: false, reason: "busy" });
        bench.expectRemaining("retryInMs" in answer ? answer.retryInMs : undefined, bench.time.longMs);
      }
    },
  },
  {
    title: "is busy to the last millisecond of a lease and free from then on",
    appliesTo: ({ clock }) => clock === "injected",
    async run(bench) {
      await bench.claim({ dueMs: bench.due(1), ttlMs: 30_000 });
      await bench.time.pass(29_999);
      expect(await bench.ask({ dueMs: bench.due(2) })).toEqual({ granted: false, reason: "busy", retryInMs: 1 });
      await bench.time.pass(1);
      await bench.claim({ dueMs: bench.due(2) });
    },
  },
  {
    title: "frees a lease by the server's clock, whatever the caller's clock says",
    appliesTo: ({ clock }) => clock === "server",
    async run(bench) {
      await bench.claim({ dueMs: bench.due(1), ttlMs: bench.time.shortMs });
      await bench.time.pass(bench.time.shortMs);
      const lease = await bench.claim({ dueMs: bench.due(2) });
      await bench.store.checkpoint(lease, "here");
      expect(Math.abs((await bench.state())!.updatedAtMs! - bench.time.now())).toBeLessThanOrEqual(bench.time.uncertaintyMs);
      expect(Math.abs(bench.time.clock.now() - bench.time.now())).toBeGreaterThan(bench.time.uncertaintyMs);
    },
  },
  {
    title: "lets a renewed lease live its ttl from the renewal on",
    async run(bench) {
      const lease = await bench.claim({ dueMs: bench.due(1), ttlMs: bench.time.shortMs });
      expect(await bench.store.renew([lease], bench.time.longMs)).toEqual([true]);
      await bench.time.pass(bench.time.shortMs);
      const answer = await bench.ask({ dueMs: bench.due(2) });
      expect(answer).toMatchObject({ granted: false, reason: "busy" });
      bench.expectRemaining((await bench.state())?.lease?.lapsesInMs, bench.time.longMs - bench.time.shortMs);
    },
  },
  {
    title: "grants a due 5 s ahead of its clock and answers early beyond, leaving no trace",
    async run(bench) {
      const { uncertaintyMs } = bench.time;
      const furthestMs = bench.time.now() + maxDueAheadMs;
      expect(await bench.ask({ dueMs: furthestMs + uncertaintyMs * 2 + 1 })).toEqual({ granted: false, reason: "early" });
      expect(await bench.ask({ dueMs: furthestMs + 30 * 60_000 })).toEqual({ granted: false, reason: "early" });
      expect(await bench.store.list()).toEqual([]);
      const lease = await bench.claim({ dueMs: furthestMs - uncertaintyMs });
      expect(lease.dueMs).toBe(furthestMs - uncertaintyMs);
    },
  },
  {
    title: "finishes no due twice, nor an older one after it",
    async run(bench) {
      const lease = await bench.claim({ dueMs: bench.due(2) });
      expect(await bench.store.release(lease, { type: "done" })).toBe(true);
      expect(await bench.ask({ dueMs: bench.due(2) })).toEqual({ granted: false, reason: "finished" });
      expect(await bench.ask({ dueMs: bench.due(1) })).toEqual({ granted: false, reason: "finished" });
      expect(await bench.claim({ dueMs: bench.due(2) + 1 })).toMatchObject({ dueMs: bench.due(2) + 1, resumed: false });
    },
  },
  {
    title: "says early before busy, busy before waiting, waiting before finished",
    async run(bench) {
      const done = await bench.claim({ dueMs: bench.due(1) });
      await bench.store.release(done, { type: "done" });
      const left = await bench.claim({ dueMs: bench.due(2) });
      await bench.store.release(left, { type: "unfinished", resumeInMs: bench.time.longMs });
      expect(await bench.ask({ dueMs: bench.due(1) })).toMatchObject({ granted: false, reason: "waiting" });
      await bench.claim({ owner: "a person" });
      expect(await bench.ask({ dueMs: bench.due(1) })).toMatchObject({ granted: false, reason: "busy" });
      expect(await bench.ask({ dueMs: bench.due(3) })).toMatchObject({ granted: false, reason: "busy" });
      expect(await bench.ask({ dueMs: bench.time.now() + 30 * 60_000 })).toEqual({ granted: false, reason: "early" });
    },
  },
  {
    title: "says busy before finished",
    async run(bench) {
      await bench.store.release(await bench.claim({ dueMs: bench.due(1) }), { type: "done" });
      await bench.claim({ dueMs: bench.due(2) });
      expect(await bench.ask({ dueMs: bench.due(1) })).toMatchObject({ granted: false, reason: "busy" });
    },
  },
  {
    title: "knows what is finished without remembering who asked: another owner, a restart of the claim",
    async run(bench) {
      const lapsed = await bench.claimLapsed({ dueMs: bench.due(1) });
      const taken = await bench.claim({ dueMs: bench.due(1), owner: "owner-2" });
      expect(taken.epoch).toBeGreaterThan(lapsed.epoch);
      await bench.store.release(taken, { type: "done" });
      expect(await bench.ask({ dueMs: bench.due(1), owner: "owner-3" })).toEqual({ granted: false, reason: "finished" });
      expect(await bench.state()).toMatchObject({ finishedDueMs: bench.due(1) });
    },
  },
];
