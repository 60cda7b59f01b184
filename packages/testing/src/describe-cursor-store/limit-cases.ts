import { expect } from "vitest";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { AcquireResult } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import type { StoreHarness } from "./store-harness.ts";

const surplus = { granted: false, reason: "surplus" } as const;
const sourceOf = (index: number): SourceKey => ({ kind: "github", name: `repo-${index}` });
const sourcesOf = (indexes: readonly number[]) => indexes.map(sourceOf);

/** Claims for more sources than there is room for. */
export const limitCases: readonly CursorStoreCase[] = [
  {
    title: "grants no more than requested: the first that are free, in the order of the requests",
    async run(harness) {
      const busy = sourceOf(9);
      const finished = sourceOf(8);
      await harness.claim({ source: busy, dueMs: harness.due(1) });
      await harness.store.release(await harness.claim({ source: finished, dueMs: harness.due(1) }), { type: "done" });
      const asked = [sourceOf(5), busy, sourceOf(1), finished, sourceOf(3), sourceOf(2)];
      const answers = await askFor(harness, asked, 3);
      expect(answers.map(wordOf)).toEqual(["granted", "busy", "granted", "finished", "granted", "surplus"]);
      expect(leasesOf(answers)).toMatchObject([{ source: asked[0] }, { source: asked[2] }, { source: asked[4] }]);
    },
  },
  {
    title: "distinguishes surplus from busy, waiting, finished and early, also where nothing at all is wanted",
    async run(harness) {
      await harness.claim({ source: sourceOf(0), dueMs: harness.due(1) });
      const left = await harness.claim({ source: sourceOf(1), dueMs: harness.due(1) });
      await harness.store.release(left, { type: "unfinished", resumeInMs: harness.time.longMs });
      await harness.store.release(await harness.claim({ source: sourceOf(2), dueMs: harness.due(1) }), { type: "done" });
      const answers = await askFor(harness, sourcesOf([0, 1, 2, 3]), 0);
      expect(answers.map(wordOf)).toEqual(["busy", "waiting", "finished", "surplus"]);
      const ahead = { source: sourceOf(3), dueMs: harness.time.now() + 30 * 60_000, owner: "me", ttlMs: harness.time.longMs };
      expect(await harness.store.acquire([ahead], { atMost: 0 })).toEqual([{ granted: false, reason: "early" }]);
    },
  },
  {
    title: "changes nothing for what is surplus: no lease, no epoch, no due, no trace of a new source",
    async run(harness) {
      await harness.store.set(sourceOf(1), "here");
      const left = await harness.claim({ source: sourceOf(2), dueMs: harness.due(2) });
      await harness.store.release(left, { type: "unfinished", resumeInMs: 0 });
      const before = await harness.store.list();
      expect(await askFor(harness, sourcesOf([1, 2, 3]), 0)).toEqual([surplus, surplus, surplus]);
      expect(await harness.store.list()).toEqual(before);
      expect(await harness.claim({ source: sourceOf(2), dueMs: harness.due(1) })).toMatchObject({
        epoch: left.epoch + 1,
        dueMs: harness.due(2),
        resumed: true,
      });
    },
  },
  {
    title: "limits claims without a due as well, and leases that are taken over",
    async run(harness) {
      const lapsed = await harness.claimLapsed({ source: sourceOf(1), dueMs: harness.due(1) });
      const takeover = { source: lapsed.source, dueMs: harness.due(1), owner: "me", ttlMs: harness.time.longMs };
      const walk = { source: sourceOf(2), owner: "me", ttlMs: harness.time.longMs };
      const answers = await harness.store.acquire([takeover, walk], { atMost: 1 });
      expect(answers).toMatchObject([{ lease: { resumed: true, epoch: lapsed.epoch + 1 } }, surplus]);
      expect(await harness.store.acquire([walk], { atMost: 0 })).toEqual([surplus]);
    },
  },
  {
    title: "limits a call of thousands of sources as a whole",
    async run(harness) {
      const sources = sourcesOf(Array.from({ length: 2_500 }, (_, index) => index));
      const answers = await askFor(harness, sources, 1_200);
      expect(new Set(answers.slice(0, 1_200).map(wordOf))).toEqual(new Set(["granted"]));
      expect(new Set(answers.slice(1_200).map(wordOf))).toEqual(new Set(["surplus"]));
      expect(await harness.store.list()).toHaveLength(1_200);
    },
  },
  {
    title: "grants each source once when many owners claim the same ones with little room, and finds an owner for all",
    async run(harness) {
      const sources = sourcesOf(Array.from({ length: 60 }, (_, index) => index));
      const owners = Array.from({ length: 6 }, (_, index) => `owner-${index}`);
      const answers = await Promise.all(
        owners.map((owner, shift) => {
          const order = [...sources.slice(shift * 5), ...sources.slice(0, shift * 5)];
          return askFor(harness, shift % 2 === 0 ? order : order.toReversed(), 10, owner);
        }),
      );
      for (const own of answers) expect(leasesOf(own).length).toBeLessThanOrEqual(10);
      const granted = answers.flatMap(leasesOf).map(({ source }) => source.name);
      expect(new Set(granted).size).toBe(granted.length);
      // A process that was overtaken had to give way once; when it claims again, there is room for the rest.
      const rest = await askFor(harness, sources, 60 - granted.length);
      expect(leasesOf(rest)).toHaveLength(60 - granted.length);
    },
  },
];

function askFor(harness: StoreHarness, sources: readonly SourceKey[], atMost: number, owner = "me") {
  const requests = sources.map((source) => ({ source, dueMs: harness.due(1), owner, ttlMs: harness.time.longMs }));
  return harness.store.acquire(requests, { atMost });
}

function leasesOf(answers: readonly AcquireResult[]) {
  return answers.flatMap((answer) => (answer.granted ? [answer.lease] : []));
}

function wordOf(answer: AcquireResult): string {
  return answer.granted ? "granted" : answer.reason;
}
