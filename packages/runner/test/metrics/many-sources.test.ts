import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import type { MetricsOptions } from "../../src/metrics/metrics.ts";

const count = 10_000;
const pulls = Array.from({ length: count }, (_, at) => ({ kind: "github", name: `repo-${at}` }));

async function scrape(choice: Pick<MetricsOptions, "perSource" | "perSourceHistograms"> = {}) {
  const options = { version: "1", hostname: "box", disableDefaultMetrics: true, pulls, pushes: [], ...choice };
  const metrics = await createMetrics(options);
  for (const source of pulls) metrics.pull.runEnded(source, 1_000, 1);
  metrics.watch({
    clock: new FakeClock(1_000_000),
    inboxStats: async () => ({ depth: 0, bytes: 0, deadLetters: [] }),
    sourceStates: async () => pulls.map((source) => ({ source, cursor: "c", updatedAtMs: 1, finishedDueMs: 990_000, epoch: 1 })),
    now: () => ({
      ready: true,
      sinkUp: true,
      foreignCursors: 0,
      watches: [],
      schedulesArmed: count,
      receiversMounted: 0,
      stores: [],
      sources: pulls.map((source) => ({ source, direction: "pull", up: true })),
      paused: [],
      pulls: pulls.map((source) => ({ source, nextDueMs: 2_000_000, intervalMs: 60_000, running: false })),
      pushes: [],
    }),
  });
  let turns = 0;
  let done = false;
  const countTurns = () => {
    turns += 1;
    if (!done) setImmediate(countTurns);
  };
  setImmediate(countTurns);
  const exposition = await metrics.render();
  done = true;
  const series = exposition.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;
  return { turns, perSource: series / count };
}

test("a pull source costs at most 21 series, and a scrape of 10,000 lets the event loop turn", { timeout: 120_000 }, async () => {
  const { turns, perSource } = await scrape();
  expect(Math.ceil(perSource)).toBeLessThanOrEqual(21);
  // A line holds the loop for about a microsecond, so a thousand of them for about a millisecond.
  expect(turns).toBeGreaterThan((perSource * count) / 1_000);
});

test("histograms of each source are there on request", { timeout: 120_000 }, async () => {
  expect((await scrape({ perSourceHistograms: true })).perSource).toBeGreaterThan(30);
});

test("10,000 healthy sources have no series of their own on request", { timeout: 120_000 }, async () => {
  expect((await scrape({ perSource: "unhealthy" })).perSource).toBeLessThan(0.01);
});
