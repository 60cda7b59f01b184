import { expect } from "vitest";
import { longestLeaseMs, longestResumeMs, maxDueAheadMs } from "@statewave-connectors/connector-sdk/store";
import type { CursorStoreCase } from "./cursor-store-case.ts";
import type { StoreHarness } from "./store-harness.ts";

const minuteMs = 60_000;
const decadeMs = 10 * 365 * 24 * 60 * minuteMs;

/** Lets `act` happen while the clock is ahead by so much, and sets it back. */
async function whileAhead(harness: StoreHarness, byMs: number, act: () => Promise<unknown>): Promise<void> {
  harness.time.set?.(byMs);
  await act();
  harness.time.set?.(-byMs);
}

function timeStepCase(title: string, run: CursorStoreCase["run"]): CursorStoreCase {
  return { title, holdsFor: ({ clock }) => clock === "injected", run };
}

/** What a clock that was ahead once leaves behind must not hold a source up. */
export const timeStepCases: readonly CursorStoreCase[] = [
  ...[2 * minuteMs, 60 * minuteMs, decadeMs].map((byMs) =>
    timeStepCase(
      `grants the due of now although one of ${byMs / minuteMs} minutes ahead is finished, and knows both later`,
      async (harness) => {
        await whileAhead(harness, byMs, async () => {
          await harness.store.release(await harness.claim({ dueMs: harness.time.now() }), { type: "done" });
        });
        const nowMs = harness.time.now();
        const lease = await harness.claim({ dueMs: nowMs });
        expect(lease).toMatchObject({ dueMs: nowMs, resumed: false });
        expect(await harness.store.release(lease, { type: "done" })).toBe(true);
        expect(await harness.state()).toMatchObject({ finishedDueMs: nowMs });
        expect(await harness.ask({ dueMs: nowMs })).toEqual({ granted: false, reason: "finished" });
      },
    ),
  ),
  timeStepCase("still knows what is finished when its clock is set back by less than a due may lie ahead", async (harness) => {
    const dueMs = harness.time.now();
    await harness.store.release(await harness.claim({ dueMs }), { type: "done" });
    harness.time.set?.(-maxDueAheadMs);
    expect(await harness.ask({ dueMs })).toEqual({ granted: false, reason: "finished" });
  }),
  ...[10 * minuteMs, decadeMs].map((byMs) =>
    timeStepCase(`resumes a run that was left unfinished ${byMs / minuteMs} minutes ahead, for a due of now`, async (harness) => {
      await whileAhead(harness, byMs, async () => {
        const lease = await harness.claim({ dueMs: harness.time.now() });
        await harness.store.checkpoint(lease, "half");
        await harness.store.release(lease, { type: "unfinished", resumeInMs: harness.time.longMs });
      });
      expect((await harness.state())?.resumeInMs).toBeUndefined();
      const nowMs = harness.time.now();
      const lease = await harness.claim({ dueMs: nowMs });
      expect(lease).toMatchObject({ dueMs: nowMs, resumed: true, cursor: "half" });
      await harness.store.release(lease, { type: "done" });
      const state = await harness.state();
      expect(state).toMatchObject({ finishedDueMs: nowMs });
      expect(state?.openDueMs).toBeUndefined();
    }),
  ),
  timeStepCase("resumes a run whose wait was written far ahead, although its due was not", async (harness) => {
    const lease = await harness.claim({ dueMs: harness.due(1) });
    await whileAhead(harness, decadeMs, () =>
      harness.store.release(lease, { type: "unfinished", resumeInMs: harness.time.shortMs }),
    );
    expect(await harness.claim({ dueMs: harness.due(1) })).toMatchObject({ dueMs: harness.due(1), resumed: true });
  }),
  timeStepCase("frees a lease that lapses far ahead, and fences its holder", async (harness) => {
    let held = await harness.claim({ dueMs: harness.due(1), owner: "holder" });
    await harness.store.release(held, { type: "done" });
    await whileAhead(harness, decadeMs, async () => {
      held = await harness.claim({ owner: "holder" });
    });
    expect((await harness.state())?.lease).toBeUndefined();
    const taken = await harness.claim({ dueMs: harness.due(2), owner: "heir" });
    expect(taken.epoch).toBeGreaterThan(held.epoch);
    expect(await harness.store.checkpoint(held, "too late")).toBe(false);
    expect(await harness.store.renew([held], harness.time.shortMs)).toEqual([false]);
  }),
  {
    title: "grants and extends no lease beyond an hour, and lets no run wait beyond 400 days",
    async run(harness) {
      const lease = await harness.claim({ dueMs: harness.due(1), ttlMs: 10 * longestLeaseMs });
      harness.expectRemaining((await harness.state())?.lease?.lapsesInMs, longestLeaseMs);
      await harness.store.renew([lease], 10 * longestLeaseMs);
      harness.expectRemaining((await harness.state())?.lease?.lapsesInMs, longestLeaseMs);
      await harness.store.release(lease, { type: "unfinished", resumeInMs: 10 * longestResumeMs });
      harness.expectRemaining((await harness.state())?.resumeInMs, longestResumeMs);
      expect(await harness.ask({ dueMs: harness.due(2) })).toMatchObject({ granted: false, reason: "waiting" });
    },
  },
];
