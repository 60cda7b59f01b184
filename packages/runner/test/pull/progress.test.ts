import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { expect, test } from "vitest";
import { type Progress, ProgressCounter } from "../../src/pull/progress.ts";

const page = { episodes: [], failures: [], skipped: { too_large: 2, bot: 1 } };

test("a long run is reported every 30 s with its counts, until it ends", async () => {
  const clock = new FakeClock();
  const reports: (Progress & { runningMs: number })[] = [];
  const counter = new ProgressCounter({ clock, onLongRun: (progress, runningMs) => reports.push({ ...progress, runningMs }) });
  counter.pageRead(page);
  await clock.advance(29_999);
  expect(reports).toEqual([]);
  await clock.advance(1);
  counter.pageRead(page);
  counter.pageDelivered(7);
  await clock.advance(30_000);
  expect(reports).toEqual([
    { pages: 1, episodes: 0, delivered: 0, skipped: 3, runningMs: 30_000 },
    { pages: 2, episodes: 0, delivered: 7, skipped: 6, runningMs: 60_000 },
  ]);
  counter.stop();
  await clock.advance(300_000);
  expect(reports).toHaveLength(2);
});
