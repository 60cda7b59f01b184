import { expect } from "vitest";
import { maxDueAheadMs } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import { required } from "../required.ts";

/** Who gets a due, and what the other processes are answered. */
export const claimCases: readonly CursorStoreCase[] = [
  {
    title: "grants a due to the first claim",
    async run(harness) {
      const lease = await harness.claim({ dueMs: harness.due(1), owner: "first" });
      expect(lease).toEqual({
        source: harness.source,
        owner: "first",
        epoch: lease.epoch,
        dueMs: harness.due(1),
        resumed: false,
      });
      expect(Number.isSafeInteger(lease.epoch)).toBe(true);
      expect(lease.epoch).toBeGreaterThan(0);
    },
  },
  {
    title: "takes the due 0 for a due, not for none",
    async run(harness) {
      const lease = await harness.claim({ dueMs: 0 });
      expect(lease.dueMs).toBe(0);
      expect(await harness.store.release(lease, { type: "done" })).toBe(true);
      expect(await harness.ask({ dueMs: 0 })).toEqual({ granted: false, reason: "finished" });
    },
  },
  {
    title: "hands the stored cursor over with the lease, also an empty one",
    async run(harness) {
      await harness.store.set(harness.source, "");
      expect((await harness.claim({ dueMs: harness.due(1) })).cursor).toBe("");
      const other = { kind: "slack", name: "team" };
      await harness.store.set(other, "from-here");
      expect((await harness.claim({ source: other })).cursor).toBe("from-here");
    },
  },
  {
    title: "answers busy while a lease is live, to its own owner too, and says for how long",
    async run(harness) {
      await harness.claim({ dueMs: harness.due(1), owner: "holder" });
      for (const claim of [{ dueMs: harness.due(2) }, { dueMs: harness.due(1), owner: "holder" }, {}]) {
        const answer = await harness.ask(claim);
        expect(answer).toMatchObject({ granted: false, reason: "busy" });
        harness.expectRemaining("retryInMs" in answer ? answer.retryInMs : undefined, harness.time.longMs);
      }
    },
  },
  {
    title: "is busy to the last millisecond of a lease and free from then on",
    holdsFor: ({ clock }) => clock === "injected",
    async run(harness) {
      await harness.claim({ dueMs: harness.due(1), ttlMs: 30_000 });
      await harness.time.pass(29_999);
      expect(await harness.ask({ dueMs: harness.due(2) })).toEqual({ granted: false, reason: "busy", retryInMs: 1 });
      await harness.time.pass(1);
      await harness.claim({ dueMs: harness.due(2) });
    },
  },
  {
    title: "frees a lease by the server's clock, whatever the caller's clock says",
    holdsFor: ({ clock }) => clock === "server",
    async run(harness) {
      await harness.claim({ dueMs: harness.due(1), ttlMs: harness.time.shortMs });
      await harness.time.pass(harness.time.shortMs);
      const lease = await harness.claim({ dueMs: harness.due(2) });
      await harness.store.checkpoint(lease, "here");
      const updatedAtMs = required((await harness.state())?.updatedAtMs, "updatedAtMs");
      expect(Math.abs(updatedAtMs - harness.time.now())).toBeLessThanOrEqual(harness.time.uncertaintyMs);
      expect(Math.abs(harness.time.clock.now() - harness.time.now())).toBeGreaterThan(harness.time.uncertaintyMs);
    },
  },
  {
    title: "lets a renewed lease live its ttl from the renewal on",
    async run(harness) {
      const lease = await harness.claim({ dueMs: harness.due(1), ttlMs: harness.time.shortMs });
      expect(await harness.store.renew([lease], harness.time.longMs)).toEqual([true]);
      await harness.time.pass(harness.time.shortMs);
      const answer = await harness.ask({ dueMs: harness.due(2) });
      expect(answer).toMatchObject({ granted: false, reason: "busy" });
      harness.expectRemaining((await harness.state())?.lease?.lapsesInMs, harness.time.longMs - harness.time.shortMs);
    },
  },
  {
    title: "grants a due 5 s ahead of its clock and answers early beyond, leaving no trace",
    async run(harness) {
      const { uncertaintyMs } = harness.time;
      const furthestMs = harness.time.now() + maxDueAheadMs;
      expect(await harness.ask({ dueMs: furthestMs + uncertaintyMs * 2 + 1 })).toEqual({ granted: false, reason: "early" });
      expect(await harness.ask({ dueMs: furthestMs + 30 * 60_000 })).toEqual({ granted: false, reason: "early" });
      expect(await harness.store.list()).toEqual([]);
      const lease = await harness.claim({ dueMs: furthestMs - uncertaintyMs });
      expect(lease.dueMs).toBe(furthestMs - uncertaintyMs);
    },
  },
  {
    title: "finishes no due twice, nor an older one after it",
    async run(harness) {
      const lease = await harness.claim({ dueMs: harness.due(2) });
      expect(await harness.store.release(lease, { type: "done" })).toBe(true);
      expect(await harness.ask({ dueMs: harness.due(2) })).toEqual({ granted: false, reason: "finished" });
      expect(await harness.ask({ dueMs: harness.due(1) })).toEqual({ granted: false, reason: "finished" });
      expect(await harness.claim({ dueMs: harness.due(2) + 1 })).toMatchObject({ dueMs: harness.due(2) + 1, resumed: false });
    },
  },
  {
    title: "says early before busy, busy before waiting, waiting before finished",
    async run(harness) {
      const done = await harness.claim({ dueMs: harness.due(1) });
      await harness.store.release(done, { type: "done" });
      const left = await harness.claim({ dueMs: harness.due(2) });
      await harness.store.release(left, { type: "unfinished", resumeInMs: harness.time.longMs });
      expect(await harness.ask({ dueMs: harness.due(1) })).toMatchObject({ granted: false, reason: "waiting" });
      await harness.claim({ owner: "a person" });
      expect(await harness.ask({ dueMs: harness.due(1) })).toMatchObject({ granted: false, reason: "busy" });
      expect(await harness.ask({ dueMs: harness.due(3) })).toMatchObject({ granted: false, reason: "busy" });
      expect(await harness.ask({ dueMs: harness.time.now() + 30 * 60_000 })).toEqual({ granted: false, reason: "early" });
    },
  },
  {
    title: "says busy before finished",
    async run(harness) {
      await harness.store.release(await harness.claim({ dueMs: harness.due(1) }), { type: "done" });
      await harness.claim({ dueMs: harness.due(2) });
      expect(await harness.ask({ dueMs: harness.due(1) })).toMatchObject({ granted: false, reason: "busy" });
    },
  },
  {
    title: "knows what is finished without remembering who claimed it: another owner, a restart of the claim",
    async run(harness) {
      const lapsed = await harness.claimLapsed({ dueMs: harness.due(1) });
      const taken = await harness.claim({ dueMs: harness.due(1), owner: "owner-2" });
      expect(taken.epoch).toBeGreaterThan(lapsed.epoch);
      await harness.store.release(taken, { type: "done" });
      expect(await harness.ask({ dueMs: harness.due(1), owner: "owner-3" })).toEqual({ granted: false, reason: "finished" });
      expect(await harness.state()).toMatchObject({ finishedDueMs: harness.due(1) });
    },
  },
];
