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
  const slices: string[] = [];
  for await (const slice of metrics.slices()) slices.push(slice);
  done = true;
  const lines = slices.map((slice) => slice.split("\n").filter((line) => line !== "" && !line.startsWith("#")));
  const series = new Set(lines.flat().map((line) => line.slice(0, line.lastIndexOf(" "))));
  const counts = lines.map(({ length }) => length);
  return { turns, filledSlices: counts.filter((length) => length > 0).length, longestSlice: Math.max(...counts), series };
}

// A line holds the loop for about a microsecond, so a thousand of them for about a millisecond.
const longestSlice = 1_000;

test("a pull source costs at most 21 series, and a scrape of 10,000 lets the event loop turn", { timeout: 120_000 }, async () => {
  const scraped = await scrape();
  expect(Math.ceil(scraped.series.size / count)).toBeLessThanOrEqual(21);
  expect(scraped.longestSlice).toBeLessThanOrEqual(longestSlice);
  expect(scraped.turns).toBeGreaterThanOrEqual(scraped.filledSlices);
});

test(
  "histograms of each source are there on request, and the event loop turns between them too",
  { timeout: 120_000 },
  async () => {
    const scraped = await scrape({ perSourceHistograms: true });
    const ends = ['_bucket{le="0.5",', '_bucket{le="+Inf",', "_sum{", "_count{"];
    const expected = pulls.flatMap(({ name }) =>
      ends.map((end) => `statewave_runner_pull_sync_duration_seconds${end}kind="github",name="${name}"}`),
    );
    expect(expected.filter((line) => !scraped.series.has(line))).toEqual([]);
    expect(scraped.longestSlice).toBeLessThanOrEqual(longestSlice);
    expect(scraped.turns).toBeGreaterThanOrEqual(scraped.filledSlices);
  },
);

test("10,000 healthy sources have no series of their own on request", { timeout: 120_000 }, async () => {
  expect((await scrape({ perSource: "unhealthy" })).series.size / count).toBeLessThan(0.01);
});
