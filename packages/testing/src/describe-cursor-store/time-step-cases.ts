import { expect } from "vitest";
import { longestLeaseMs, longestResumeMs, maxDueAheadMs } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import type { StoreBench } from "./store-bench.ts";

const minuteMs = 60_000;
const decadeMs = 10 * 365 * 24 * 60 * minuteMs;

/** Lets `act` happen while the clock is ahead by so much, and sets it back. */
async function whileAhead(bench: StoreBench, byMs: number, act: () => Promise<unknown>): Promise<void> {
  bench.time.set?.(byMs);
  await act();
  bench.time.set?.(-byMs);
}

function timeStepCase(title: string, run: CursorStoreCase["run"]): CursorStoreCase {
  return { title, appliesTo: ({ clock }) => clock === "injected", run };
}

/** What a clock that was ahead once leaves behind must not hold a source up. */
export const timeStepCases: readonly CursorStoreCase[] = [
  ...[2 * minuteMs, 60 * minuteMs, decadeMs].map((byMs) =>
    timeStepCase(
      `grants the due of now although one of ${byMs / minuteMs} minutes ahead is finished, and knows both later`,
      async (bench) => {
        await whileAhead(bench, byMs, async () => {
          await bench.store.release(await bench.claim({ dueMs: bench.time.now() }), { type: "done" });
        });
        const nowMs = bench.time.now();
        const lease = await bench.claim({ dueMs: nowMs });
        expect(lease).toMatchObject({ dueMs: nowMs, resumed: false });
        expect(await bench.store.release(lease, { type: "done" })).toBe(true);
        expect(await bench.state()).toMatchObject({ finishedDueMs: nowMs });
        expect(await bench.ask({ dueMs: nowMs })).toEqual({ granted: false, reason: "finished" });
      },
    ),
  ),
  timeStepCase("still knows what is finished when its clock is set back by less than a due may lie ahead", async (bench) => {
    const dueMs = bench.time.now();
    await bench.store.release(await bench.claim({ dueMs }), { type: "done" });
    bench.time.set?.(-maxDueAheadMs);
    expect(await bench.ask({ dueMs })).toEqual({ granted: false, reason: "finished" });
  }),
  ...[10 * minuteMs, decadeMs].map((byMs) =>
    timeStepCase(`resumes a tick that was left unfinished ${byMs / minuteMs} minutes ahead, for a due of now`, async (bench) => {
      await whileAhead(bench, byMs, async () => {
        const lease = await bench.claim({ dueMs: bench.time.now() });
        await bench.store.checkpoint(lease, "half");
        await bench.store.release(lease, { type: "unfinished", resumeInMs: bench.time.longMs });
      });
      expect((await bench.state())?.resumeInMs).toBeUndefined();
      const nowMs = bench.time.now();
      const lease = await bench.claim({ dueMs: nowMs });
      expect(lease).toMatchObject({ dueMs: nowMs, resumed: true, cursor: "half" });
      await bench.store.release(lease, { type: "done" });
      const state = await bench.state();
      expect(state).toMatchObject({ finishedDueMs: nowMs });
      expect(state?.openDueMs).toBeUndefined();
    }),
  ),
  timeStepCase("resumes a tick whose wait was written far ahead, although its due was not", async (bench) => {
    const lease = await bench.claim({ dueMs: bench.due(1) });
    await whileAhead(bench, decadeMs, () => bench.store.release(lease, { type: "unfinished", resumeInMs: bench.time.shortMs }));
    expect(await bench.claim({ dueMs: bench.due(1) })).toMatchObject({ dueMs: bench.due(1), resumed: true });
  }),
  timeStepCase("frees a lease that lapses far ahead, and fences its holder", async (bench) => {
    let held = await bench.claim({ dueMs: bench.due(1), owner: "holder" });
    await bench.store.release(held, { type: "done" });
    await whileAhead(bench, decadeMs, async () => {
      held = await bench.claim({ owner: "holder" });
    });
    expect((await bench.state())?.lease).toBeUndefined();
    const taken = await bench.claim({ dueMs: bench.due(2), owner: "heir" });
    expect(taken.epoch).toBeGreaterThan(held.epoch);
    expect(await bench.store.checkpoint(held, "too late")).toBe(false);
    expect(await bench.store.renew([held], bench.time.shortMs)).toEqual([false]);
  }),
  {
    title: "grants and extends no lease beyond an hour, and lets no tick wait beyond 400 days",
    async run(bench) {
      const lease = await bench.claim({ dueMs: bench.due(1), ttlMs: 10 * longestLeaseMs });
      bench.expectRemaining((await bench.state())?.lease?.lapsesInMs, longestLeaseMs);
      await bench.store.renew([lease], 10 * longestLeaseMs);
      bench.expectRemaining((await bench.state())?.lease?.lapsesInMs, longestLeaseMs);
      await bench.store.release(lease, { type: "unfinished", resumeInMs: 10 * longestResumeMs });
      bench.expectRemaining((await bench.state())?.resumeInMs, longestResumeMs);
      expect(await bench.ask({ dueMs: bench.due(2) })).toMatchObject({ granted: false, reason: "waiting" });
    },
  },
];
