import { expect } from "vitest";
import { type ConnectorCase, onNetwork } from "./connector-case.ts";
import { keysOf, type PullHarness } from "./pull-harness.ts";

const tenYearsMs = 10 * 365 * 86_400_000;
const minuteMs = 60_000;

/** Clocks that were in the future once: what happens afterwards is read all the same. */
export const clockCases: readonly ConnectorCase[] = [
  {
    title: "reads what is new after this machine's clock was in the future for a run",
    async run(harness) {
      if (harness.fixture.addOne === undefined) return harness.lacks("addOne in its fixture");
      const nowMs = harness.clock.now();
      await expectNewRead(harness, async () => {
        harness.clock.set(nowMs + tenYearsMs);
        const { cursor } = await harness.wholeWalk();
        harness.clock.set(nowMs + minuteMs);
        return cursor;
      });
    },
  },
  {
    title: "reads what is new after the provider's clock was in the future for a run",
    holdsFor: onNetwork,
    async run(harness) {
      if (harness.fixture.addOne === undefined) return harness.lacks("addOne in its fixture");
      await expectNewRead(harness, async () => {
        const date = new Date(harness.clock.now() + tenYearsMs).toUTCString();
        harness.gate.intercept(async (_, pass) => {
          const { status, headers: sent, body } = await pass();
          const headers = new Headers(sent);
          // The body comes as it was unpacked.
          for (const name of ["content-length", "content-encoding"]) headers.delete(name);
          headers.set("date", date);
          return new Response(body, { status, headers });
        });
        const { cursor } = await harness.wholeWalk();
        harness.gate.intercept(undefined);
        harness.clock.set(harness.clock.now() + minuteMs);
        return cursor;
      });
    },
  },
  {
    title: "reads what is new behind an item that is dated in the future",
    async run(harness) {
      const { addOne } = harness.fixture;
      if (addOne === undefined) return harness.lacks("addOne in its fixture");
      await expectNewRead(harness, async () => {
        await addOne(new Date(harness.clock.now() + tenYearsMs));
        const { cursor } = await harness.wholeWalk();
        harness.clock.set(harness.clock.now() + minuteMs);
        return cursor;
      });
    },
  },
];

async function expectNewRead(harness: PullHarness, runOnce: () => Promise<string | undefined>): Promise<void> {
  const cursor = await runOnce();
  const known = new Set(keysOf((await harness.wholeWalk()).pages));
  await harness.fixture.addOne?.(new Date(harness.clock.now()));
  harness.clock.set(harness.clock.now() + minuteMs);
  const fresh = keysOf((await harness.wholeWalk(cursor)).pages).filter((key) => !known.has(key));
  expect(fresh.length, "episodes of the new item").toBeGreaterThan(0);
}
