import { expect, test } from "vitest";
import { createMetrics } from "../../src/metrics/create-metrics.ts";

const openMetrics = () => createMetrics({ version: "1", hostname: "box", disableDefaultMetrics: true, pulls: [], pushes: [] });

test("the outcomes of compiles are there from the start where something is compiled, and absent where nothing is", async () => {
  const metrics = await openMetrics();
  expect(await metrics.render()).not.toContain("compile_requests_total{");
  const observer = metrics.compileObserver();
  observer.request("done");
  const exposition = await metrics.render();
  expect(exposition).toContain('statewave_runner_compile_requests_total{outcome="done"} 1\n');
  expect(exposition).toContain('statewave_runner_compile_requests_total{outcome="unavailable"} 0\n');
});

test("each stage of an episode has its own times", async () => {
  const metrics = await openMetrics();
  metrics.delivery.stageEnded?.("accepted", 3_000);
  metrics.delivery.stageEnded?.("delivered", 0.3);
  metrics.compileObserver().compiled(90);
  const exposition = await metrics.render();
  for (const [stage, seconds] of [
    ["accepted", 3_000],
    ["delivered", 0.3],
    ["compiled", 90],
  ])
    expect(exposition).toContain(`statewave_runner_episode_seconds_sum{stage="${stage}"} ${seconds}\n`);
  expect(exposition).toContain('statewave_runner_episode_seconds_bucket{le="60",stage="compiled"} 0\n');
  expect(exposition).toContain('statewave_runner_episode_seconds_bucket{le="300",stage="compiled"} 1\n');
});
