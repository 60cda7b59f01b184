import { expect } from "vitest";
import type { AcquireResult } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";

const owners = Array.from({ length: 50 }, (_, index) => `owner-${index}`);

/** Many sources, and many who want the same. */
export const concurrencyCases: readonly CursorStoreCase[] = [
  {
    title: "decides 1,000 sources in one call, each for itself, in the order of the requests",
    async run(harness) {
      const sources = Array.from({ length: 1_000 }, (_, index) => ({ kind: "github", name: `repo-${(index * 7919) % 1_000}` }));
      const requests = sources.map((source) => ({ source, dueMs: harness.due(1), owner: "owner-1", ttlMs: harness.time.longMs }));
      const taken = sources.filter((_, index) => index % 3 === 0);
      await harness.store.acquire(taken.map((source) => ({ source, owner: "earlier", ttlMs: harness.time.longMs })));
      const answers = await harness.store.acquire(requests);
      expect(answers).toHaveLength(1_000);
      for (const [index, answer] of answers.entries()) {
        if (index % 3 === 0) expect(answer).toMatchObject({ granted: false, reason: "busy" });
        else
          expect(answer).toMatchObject({
            granted: true,
            lease: { source: sources[index], owner: "owner-1", dueMs: harness.due(1) },
          });
      }
      expect(await harness.store.list()).toHaveLength(1_000);
    },
  },
  {
    title: "gives no answers to an empty list of requests",
    async run(harness) {
      expect(await harness.store.acquire([])).toEqual([]);
      expect(await harness.store.list()).toEqual([]);
    },
  },
  {
    title: "grants one of 50 owners who claim a due at the same moment",
    async run(harness) {
      const answers = await Promise.all(owners.map((owner) => harness.ask({ dueMs: harness.due(1), owner })));
      expectOneGrant(answers);
      expect(answers.filter((answer) => !answer.granted && answer.reason === "busy")).toHaveLength(49);
    },
  },
  {
    title: "grants one of 50 owners who claim a lapsed run at the same moment",
    async run(harness) {
      await harness.claimLapsed({ dueMs: harness.due(1) });
      expectOneGrant(await Promise.all(owners.map((owner) => harness.ask({ dueMs: harness.due(1), owner }))));
    },
  },
  {
    title: "grants a source once when many owners claim many sources in different orders",
    async run(harness) {
      const sources = Array.from({ length: 40 }, (_, index) => ({ kind: "github", name: `repo-${index}` }));
      const answers = await Promise.all(
        owners.slice(0, 12).map((owner, shift) => {
          const order = [...sources.slice(shift * 3), ...sources.slice(0, shift * 3)];
          const turned = shift % 2 === 0 ? order : order.toReversed();
          return harness.store.acquire(
            turned.map((source) => ({ source, dueMs: harness.due(1), owner, ttlMs: harness.time.longMs })),
          );
        }),
      );
      const granted = answers.flat().flatMap((answer) => (answer.granted ? [answer.lease.source.name] : []));
      expect(granted.toSorted()).toEqual(sources.map((source) => source.name).toSorted());
    },
  },
  {
    title: "stores what 50 sources checkpoint at the same moment",
    async run(harness) {
      const leases = await Promise.all(owners.map((name) => harness.claim({ source: { kind: "github", name } })));
      const stored = await Promise.all(leases.map((lease) => harness.store.checkpoint(lease, `cursor of ${lease.source.name}`)));
      expect(new Set(stored)).toEqual(new Set([true]));
      for (const { source } of leases) expect(await harness.store.get(source)).toBe(`cursor of ${source.name}`);
    },
  },
  {
    title: "either stores a late checkpoint before the takeover, which then sees it, or refuses it",
    async run(harness) {
      for (let round = 0; round < 10; round += 1) {
        const source = { kind: "github", name: `round-${round}` };
        await harness.store.set(source, "old");
      }
      const late = await Promise.all(
        Array.from({ length: 10 }, (_, round) => harness.claim({ source: { kind: "github", name: `round-${round}` }, ttlMs: 1 })),
      );
      await harness.time.pass(harness.time.shortMs);
      for (const [round, lease] of late.entries()) {
        const checkpoint = () => harness.store.checkpoint(lease, "late");
        const takeover = () => harness.claim({ source: lease.source, owner: "owner-2" });
        // Now the one, now the other leaves first.
        const [stored, taken] =
          round % 2 === 0
            ? await Promise.all([checkpoint(), takeover()])
            : (await Promise.all([takeover(), checkpoint()])).toReversed();
        expect(taken).toMatchObject({ cursor: stored === true ? "late" : "old" });
        expect(await harness.store.get(lease.source)).toBe(stored === true ? "late" : "old");
      }
    },
  },
  {
    title: "finishes a run once when it is released twice at the same moment",
    async run(harness) {
      const lease = await harness.claim({ dueMs: harness.due(1) });
      const answers = await Promise.all([
        harness.store.release(lease, { type: "done" }),
        harness.store.release(lease, { type: "unfinished", resumeInMs: 0 }),
      ]);
      expect(new Set(answers)).toEqual(new Set([false, true]));
    },
  },
];

function expectOneGrant(answers: readonly AcquireResult[]): void {
  expect(answers.filter((answer) => answer.granted)).toHaveLength(1);
}
