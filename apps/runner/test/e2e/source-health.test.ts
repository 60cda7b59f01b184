import { describe, expect, it } from "vitest";
import { startFakeGithub } from "./fake-github-process.ts";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { slackHeaders, slackPath } from "./slack-sender.ts";
import { until } from "./until.ts";
import { makeWorld } from "./world.ts";

interface Sources {
  readonly status: string;
  readonly unhealthy?: readonly Record<string, string>[];
}

async function sourcesOf(runner: RunnerProcess): Promise<Sources> {
  const { status, body } = await runner.readiness();
  expect(status).toBe(200);
  return body["sources"] as Sources;
}

const lines = (runner: RunnerProcess, message: string) => runner.log.filter(({ msg }) => msg === message);

describe.concurrent("a source that cannot be read is reported in /readyz, which stays 200, in the metrics and once in the log", () => {
  it("a token that GitHub refuses, before the first run and without quoting it", async (test) => {
    const github = await startFakeGithub(test);
    const token = "ghp_0123456789abcdefghijklmnopqrstuvwxyz";
    const entry = github.entry.replace("every 1s", "0 0 1 1 *").replace("fake-token", token);
    const world = await makeWorld(test, { entries: entry });
    const runner = await world.workspace.run();
    const [unhealthy] = await until("the check's finding is told", async () => (await sourcesOf(runner)).unhealthy);
    expect(unhealthy).toMatchObject({
      entry: "pull github/widgets",
      code: "GITHUB_UNAUTHORIZED",
      message: expect.stringContaining("401"),
      hint: expect.stringContaining("replace `token`"),
    });
    const metrics = await runner.metrics();
    expect(metrics).toContain('statewave_runner_source_up{kind="github",name="widgets",direction="pull"} 0');
    expect(sumOf(metrics, "statewave_runner_pull_ticks_total", 'kind="github"')).toBe(0);
    expect(lines(runner, "a source is unhealthy")).toMatchObject([
      { level: "warn", source: "github/widgets", direction: "pull" },
    ]);
    expect(JSON.stringify([await runner.readiness(), runner.stderr, runner.stdout])).not.toContain(token);
    await runner.terminate();
  });

  it("a Slack app that is uninstalled, until the workspace sends again", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const url = await runner.listening();
    const uninstalled = JSON.stringify({
      type: "event_callback",
      team_id: "T0E2E",
      event_id: "EvEnd",
      event_time: 1_699_999_999,
      event: { type: "app_uninstalled" },
    });
    for (let time = 0; time < 3; time += 1) {
      const answer = await fetch(url + slackPath, { method: "POST", headers: slackHeaders(uninstalled), body: uninstalled });
      expect(answer.status).toBe(200);
    }
    const { status, unhealthy } = await sourcesOf(runner);
    expect([status, unhealthy]).toMatchObject(["degraded", [{ entry: "push slack/team", code: "SLACK_APP_UNINSTALLED" }]]);
    expect(unhealthy?.[0]?.["message"]).toContain("T0E2E");
    const series = 'statewave_runner_source_up{kind="slack",name="team",direction="push"}';
    expect(await runner.metrics()).toContain(`${series} 0`);
    await world.slack.sendMany(url, 5);
    expect(await sourcesOf(runner)).toEqual({ status: "ok", detail: "none is known to be unhealthy" });
    expect(await runner.metrics()).toContain(`${series} 1`);
    await world.drained(runner);
    expect(lines(runner, "a source is unhealthy")).toHaveLength(1);
    expect(lines(runner, "a source is healthy again")).toHaveLength(1);
    await runner.terminate();
  });
});
