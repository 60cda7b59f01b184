import { expect, it } from "vitest";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { until } from "./until.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld } from "./world.ts";

const lastSync = async (runner: RunnerProcess) =>
  sumOf(await runner.metrics(), "statewave_runner_pull_last_sync_timestamp_seconds", 'kind="markdown"');

it("the last successful sync, the next due, the interval and the last webhook are in the metrics, the first also after a restart", async (test) => {
  const world = await makeWorld(test);
  const { workspace, slack, statewave } = world;
  const withSchedule = (schedule: string) => configText({ statewaveUrl: statewave.url }).replace("every 1s", schedule);
  await world.writeDocuments(1);
  // Rare enough that the stop cuts off no run: the next start would resume it.
  await workspace.write(configName, withSchedule("every 20s"));
  const first = await workspace.run();
  await slack.sendMany(await first.listening(), 1);
  await world.drained(first);
  await until("a sync has ended", async () => (await lastSync(first)) > 0);
  const metrics = await first.metrics();
  expect(sumOf(metrics, "statewave_runner_pull_interval_seconds", 'kind="markdown"')).toBe(20);
  expect(sumOf(metrics, "statewave_runner_pull_next_due_timestamp_seconds", 'kind="markdown"')).toBeGreaterThan(1_700_000_000);
  expect(sumOf(metrics, "statewave_runner_push_last_delivery_timestamp_seconds", 'kind="slack"')).toBeGreaterThan(1_700_000_000);
  await first.terminate();

  // From now on no run comes for a year.
  await workspace.write(configName, withSchedule("0 0 1 1 *"));
  const second = await workspace.run();
  expect(await lastSync(second)).toBeGreaterThan(1_700_000_000);
  expect(sumOf(await second.metrics(), "statewave_runner_pull_ticks_total", 'kind="markdown"')).toBe(0);
  expect(sumOf(await second.metrics(), "statewave_runner_pull_interval_seconds", 'kind="markdown"')).toBeGreaterThan(86_400);
  await second.terminate();
});
