import { setImmediate as nextTurn } from "node:timers/promises";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import type { RunOutcome } from "../../src/pull/run-pull.ts";
import { LiveEntries } from "../../src/composition/live-entries.ts";
import { GapRepair } from "../../src/push/gap-repair.ts";

const receiver = { kind: "demo", name: "hook" };
const alone = { kind: "demo", name: "alone" };
const twin = { kind: "demo", name: "repo" };
const readBefore: SourceState = { source: twin, epoch: 3, cursor: "7" };
const done: RunOutcome = {
  type: "done",
  report: { episodes: 0, delivered: 0, buried: 0, skipped: 0, fetched: 0, failed: 0, exhausted: true },
};

function repairWorld(run: () => Promise<RunOutcome> = async () => done) {
  const clock = new FakeClock();
  const runs: string[] = [];
  const push = (key: typeof receiver, pull?: string) => ({
    key,
    entry: { ...key, options: {}, ...(pull === undefined ? {} : { pull }) },
    connectorVersion: "1.0.0",
    receiver: { receive: () => ({ type: "event" as const }), pages: async function* () {} },
    maxBodyBytes: undefined,
  });
  const repair = new GapRepair({
    entries: new LiveEntries([], [push(receiver, "repo"), push(alone)]),
    runForProgram: (source) => {
      runs.push(`${source.kind}/${source.name}`);
      return run();
    },
    clock,
    random: () => 0.5,
    logger: silentLogger,
  });
  const pass = async (durationMs: number) => {
    await clock.advance(durationMs);
    await nextTurn();
  };
  return { clock, repair, runs, pass };
}

test("reads a receiver's twin once after the runner was down", async () => {
  const { repair, runs, pass } = repairWorld();
  repair.afterDowntime([readBefore]);
  await pass(10 * 60_000);
  expect(runs).toEqual(["demo/repo"]);
});

test("leaves the first sync of a twin to its schedule", async () => {
  const { repair, runs, pass } = repairWorld();
  repair.afterDowntime([{ source: twin, epoch: 0 }]);
  await pass(10 * 60_000);
  expect(runs).toEqual([]);
});

test("reads the twin once after the last of many 503s", async () => {
  const { repair, runs, pass } = repairWorld();
  for (let refusal = 0; refusal < 10; refusal += 1) {
    repair.turnedAway(receiver);
    await pass(10_000);
  }
  expect(runs).toEqual([]);
  await pass(20_000);
  expect(runs).toEqual(["demo/repo"]);
});

test("reads the twin once after its receiver's provider sends again", async () => {
  const { repair, runs, pass } = repairWorld();
  repair.recovered(receiver);
  repair.recovered(alone);
  await pass(10 * 60_000);
  expect(runs).toEqual(["demo/repo"]);
});

test("does nothing for a receiver without a twin", async () => {
  const { clock, repair, runs, pass } = repairWorld();
  repair.turnedAway(alone);
  await pass(10 * 60_000);
  expect(runs).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("tries again when another process is reading the twin", async () => {
  let busy = true;
  const { repair, runs, pass } = repairWorld(async () => {
    if (busy) throw new ConnectorsError({ code: "PULL_BUSY", message: "busy", retryable: true });
    return done;
  });
  repair.turnedAway(receiver);
  await pass(30_000);
  busy = false;
  await pass(30_000);
  await pass(10 * 60_000);
  expect(runs).toHaveLength(2);
});

test("plans nothing more once stopped, and leaves no timer", async () => {
  const { clock, repair, runs, pass } = repairWorld();
  repair.turnedAway(receiver);
  repair.stop();
  repair.turnedAway(receiver);
  expect(clock.pending).toBe(0);
  await pass(10 * 60_000);
  expect(runs).toEqual([]);
});

test("waits while the twin is paused, and reads it after the resume", async () => {
  let isPaused = true;
  const { repair, runs, pass } = repairWorld(async () => {
    if (isPaused) throw new ConnectorsError({ code: "PULL_PAUSED", message: "paused", retryable: true });
    return done;
  });
  repair.afterDowntime([readBefore]);
  for (let step = 0; step < 10; step += 1) await pass(30_000);
  const before = runs.length;
  expect(before).toBeGreaterThan(1);
  isPaused = false;
  for (let step = 0; step < 10; step += 1) await pass(30_000);
  expect(runs).toHaveLength(before + 1);
});

test("reads the rest when the twin was paused while it was read", async () => {
  const paused: RunOutcome = { type: "partial", reason: "paused", report: { ...done.report, exhausted: false } };
  const outcomes: RunOutcome[] = [paused, done];
  const { repair, runs, pass } = repairWorld(async () => outcomes.shift() ?? done);
  repair.turnedAway(receiver);
  for (let step = 0; step < 10; step += 1) await pass(30_000);
  expect(runs).toHaveLength(2);
});
