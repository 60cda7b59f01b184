import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { createMetrics } from "../../src/metrics/create-metrics.ts";

const github = { kind: "github", name: "main" };

test("an entry that cannot be opened counts as load, and a run that a stop ends not at all", async () => {
  const metrics = await createMetrics({
    version: "1.2.3",
    hostname: "box",
    disableDefaultMetrics: true,
    pulls: [github],
    pushes: [],
  });
  for (const code of ["RUNNER_ENTRY_OPEN", "RUNNER_STOPPING", "RUNNER_DRAIN_TIMEOUT", "GITHUB_UNAVAILABLE"])
    metrics.pull.runFailed(github, "sync", new ConnectorsError({ code, message: "no" }));
  const lines = (await metrics.render()).split("\n").filter((line) => line.startsWith("statewave_runner_pull_errors_total{"));
  expect(lines).toEqual([
    'statewave_runner_pull_errors_total{kind="github",name="main",reason="load"} 1',
    'statewave_runner_pull_errors_total{kind="github",name="main",reason="sync"} 1',
    'statewave_runner_pull_errors_total{kind="github",name="main",reason="ingest"} 0',
  ]);
});

test("a run whose account does not balance is counted by itself", async () => {
  const options = { version: "1.2.3", hostname: "box", disableDefaultMetrics: true, pulls: [github], pushes: [] };
  const metrics = await createMetrics(options);
  expect(await metrics.render()).not.toContain("unbalanced_runs_total{");
  metrics.pull.runFailed(github, "ingest", new ConnectorsError({ code: "PULL_ACCOUNT_WRONG", message: "no" }));
  expect(await metrics.render()).toContain('statewave_runner_unbalanced_runs_total{kind="github",name="main"} 1');
});
