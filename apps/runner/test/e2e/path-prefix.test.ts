import { describe, expect, it } from "vitest";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { slackBody, slackHeaders, slackPath } from "./slack-sender.ts";
import { until } from "./until.ts";
import { configName, configText, makeWorkspace } from "./workspace.ts";
import { makeWorld } from "./world.ts";

let number = 0;
async function send(url: string): Promise<number> {
  const body = slackBody((number += 1), "hello from behind a proxy");
  const response = await fetch(url, { method: "POST", body, headers: slackHeaders(body) });
  await response.arrayBuffer();
  return response.status;
}

const misrouted = async (runner: RunnerProcess, reason: string) =>
  sumOf(await runner.metrics(), "statewave_runner_push_misrouted_total", `reason="${reason}"`);

const warnings = (runner: RunnerProcess) =>
  runner.log.filter(({ msg }) => msg === "webhooks arrive at a path without a receiver");

describe.concurrent("behind a proxy that leaves its prefix in the path", () => {
  it.for<[basePath: string, prefix: string]>([
    ["/hooks", "/hooks"],
    ["/hooks/", "/hooks"],
    ["/our hooks/v1", "/our%20hooks/v1"],
    ["/%C3%BCber", "/%c3%bcber"],
  ])("a runner with base_path = %j takes webhooks below %s, and without it", async ([basePath, prefix], test) => {
    const world = await makeWorld(test, { runner: `base_path = "${basePath}"` });
    const runner = await world.workspace.run();
    const url = await runner.listening();
    expect(await send(url + prefix + slackPath)).toBe(200);
    expect(await send(url + slackPath)).toBe(200);
    expect(await send(`${url}${prefix}x${slackPath}`)).toBe(404);
    expect((await fetch(`${url}${prefix}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const shown = `→ ${basePath.replace(/\/$/, "")}${slackPath}`;
    await until("the path of the receiver is printed", () => (runner.stderr + runner.stdout).includes(shown));
    await runner.terminate();
  });

  it("a runner's samples are sent below base_path, with or without it in the address", async (test) => {
    const world = await makeWorld(test, { runner: 'base_path = "/our hooks/v1"' });
    const runner = await world.workspace.run();
    const url = await runner.listening();
    for (const address of [url, `${url}/our%20hooks/v1/`]) {
      const args = ["simulate", "slack/team", "--url", address, "--sample", "message"];
      const { code, stdout } = await world.workspace.command(...args);
      expect(stdout).toContain(`${url}/our%20hooks/v1${slackPath} answers 200`);
      expect(code).toBe(0);
    }
    await runner.terminate();
  });

  it("a runner without base_path reports what to set, once, and counts", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const url = await runner.listening();
    for (let times = 0; times < 3; times += 1) expect(await send(`${url}/hooks${slackPath}`)).toBe(404);
    expect(await misrouted(runner, "path_prefix")).toBe(3);
    expect(warnings(runner)).toMatchObject([
      { reason: "path_prefix", path: `/hooks${slackPath}`, hint: expect.stringContaining("[runner] base_path") },
    ]);
    await runner.terminate();
  });
});

describe.concurrent("a webhook at a path where no receiver is", () => {
  it.for<[what: string, path: string, reason: string]>([
    ["a slash at the end", "/slack/team/events/", "path_spelling"],
    ["doubled slashes", "//slack/team/events", "path_spelling"],
    ["encoded slashes", "/slack%2Fteam%2Fevents", "path_spelling"],
    ["capitals", "/Slack/Team/events", "path_spelling"],
    ["the name of an entry that is gone", "/slack/former-team/events", "receiver_unknown"],
  ])("for %s is counted by its reason and logged with a hint", async ([, path, reason], test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    expect(await send((await runner.listening()) + path)).toBe(404);
    expect(await misrouted(runner, reason)).toBe(1);
    expect(warnings(runner)).toMatchObject([{ reason, path, hint: expect.any(String) }]);
    await runner.terminate();
  });

  it("is not seen in what scanners send", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const url = await runner.listening();
    for (const path of ["/", "/api/v1/events", "/.git/config", "/slack", "/slack/team", "/events", "/%zz/%"])
      expect(await send(url + path)).toBe(404);
    for (const reason of ["path_prefix", "path_spelling", "receiver_unknown"]) expect(await misrouted(runner, reason)).toBe(0);
    expect(warnings(runner)).toEqual([]);
    await runner.terminate();
  });
});

it.for(["hooks", "https://example.com/hooks", "/a//b", "/a/../b", "/a?b", "//"])(
  "base_path = %j is refused with the form that is expected",
  async (basePath, test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: "file:./episodes.jsonl", runner: `base_path = "${basePath}"` }));
    const { code, stderr } = await workspace.command("validate-config");
    expect(code).toBe(3);
    expect(stderr).toMatch(/runner\.base_path.*"\/connectors"/s);
  },
);

it("a genuine webhook that is not stored is logged at level debug with its reason", async (test) => {
  const world = await makeWorld(test, { runner: 'log_level = "debug"' });
  const runner = await world.workspace.run();
  const body = JSON.stringify({ type: "event_callback", event_id: "Ev7", event: { type: "team_join" } });
  const response = await fetch((await runner.listening()) + slackPath, { method: "POST", body, headers: slackHeaders(body) });
  expect(response.status).toBe(200);
  expect(await runner.logged("a genuine webhook is not stored")).toMatchObject({
    level: "debug",
    kind: "slack",
    name: "team",
    reason: "not_wanted",
  });
  await runner.terminate();
});
