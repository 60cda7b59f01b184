import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { expect, test } from "vitest";
import { reportingPulls } from "../../src/events/report-failure.ts";
import { silentPullObserver } from "../../src/pull/pull-observer.ts";

test("a run that a stop ends is not reported as a failure", () => {
  const reported: unknown[] = [];
  const { pull } = reportingPulls({ pull: silentPullObserver }, (_during, error) => reported.push(error));
  for (const code of ["RUNNER_STOPPING", "RUNNER_DRAIN_TIMEOUT", "GITHUB_UNAVAILABLE"])
    pull.runFailed({ kind: "github", name: "main" }, "sync", new ConnectorsError({ code, message: "no" }));
  expect(reported).toMatchObject([{ code: "GITHUB_UNAVAILABLE" }]);
});
