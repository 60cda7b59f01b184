import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sumOf } from "./metric-sum.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { slackBody, slackHeaders, slackPath } from "./slack-sender.ts";
import { slackSecret } from "./workspace.ts";
import { makeWorld } from "./world.ts";

const githubEntry = '[[push.github]]\nname = "hook"\nsecret = "e2e-github-secret"\n';

/** The status of each answer. */
async function send(url: string, times: number, make: (number: number) => RequestInit): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let number = 0; number < times; number += 1) {
    const response = await fetch(url, { method: "POST", ...make(number) });
    await response.arrayBuffer();
    statuses.push(response.status);
  }
  return statuses;
}

function slackSigned(number: number, { secret = slackSecret, offSeconds = 0 }): RequestInit {
  const body = slackBody(number, "hello from somebody who may be refused");
  const timestamp = String(Math.floor(Date.now() / 1000) + offSeconds);
  const signature = createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex");
  return {
    body,
    headers: { ...slackHeaders(body), "x-slack-request-timestamp": timestamp, "x-slack-signature": `v0=${signature}` },
  };
}

function githubSigned(secret: string, event = "ping", body = "{}"): RequestInit {
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  return {
    body,
    headers: { "x-github-event": event, "x-hub-signature-256": signature, "x-github-delivery": `${event}-${body}` },
  };
}

async function unhealthy(runner: RunnerProcess): Promise<readonly Record<string, string>[]> {
  const { body } = await runner.readiness();
  return (body["sources"] as { unhealthy?: Record<string, string>[] }).unhealthy ?? [];
}

const warnings = (runner: RunnerProcess, source: string) =>
  runner.log.filter(({ msg, source: of }) => msg === "webhooks are refused" && of === source);

describe.concurrent("a receiver that refuses its provider says so once with the cause, in the health of its source and in a metric", () => {
  it("a wrong signing secret, until the right one is used", async (test) => {
    const world = await makeWorld(test, { entries: githubEntry });
    const runner = await world.workspace.run();
    const url = await runner.listening();
    expect(await send(url + slackPath, 12, (at) => slackSigned(at, { secret: "another" }))).toEqual(Array(12).fill(401));
    expect(await send(`${url}/github/hook/events`, 12, () => githubSigned("another"))).toEqual(Array(12).fill(401));
    expect(await unhealthy(runner)).toMatchObject([
      { entry: "push slack/team", code: "PUSH_SIGNATURE_INVALID", hint: expect.stringContaining("`signing_secret`") },
      { entry: "push github/hook", code: "PUSH_SIGNATURE_INVALID", hint: expect.stringContaining("`secret`") },
    ]);
    for (const source of ["slack/team", "github/hook"])
      expect(warnings(runner, source)).toMatchObject([{ level: "warn", reason: "signature_invalid", refused: 1 }]);
    const metrics = await runner.metrics();
    expect(sumOf(metrics, "statewave_runner_push_refused_total", 'kind="slack",name="team",reason="signature_invalid"')).toBe(12);
    expect(sumOf(metrics, "statewave_runner_push_refused_total", 'kind="github",name="hook",reason="signature_invalid"')).toBe(
      12,
    );
    expect(sumOf(metrics, "statewave_runner_source_up", 'direction="push"')).toBe(0);

    expect(await send(url + slackPath, 1, (at) => slackSigned(at, {}))).toEqual([200]);
    expect(await send(`${url}/github/hook/events`, 1, () => githubSigned("e2e-github-secret"))).toEqual([200]);
    expect(await unhealthy(runner)).toEqual([]);
    expect(runner.stdout + runner.stderr).not.toContain(slackSecret);
    await runner.terminate();
  });

  it("but not for signatures that a stranger makes up, once it has worked, also before a restart", async (test) => {
    const world = await makeWorld(test, { entries: githubEntry });
    const first = await world.workspace.run();
    expect(await send((await first.listening()) + slackPath, 1, (at) => slackSigned(at, {}))).toEqual([200]);
    await world.drained(first);
    await first.terminate();

    const runner = await world.workspace.run();
    const url = await runner.listening();
    expect(await send(url + slackPath, 40, (at) => slackSigned(at, { secret: "made-up" }))).toEqual(Array(40).fill(401));
    expect(await send(`${url}/github/hook/events`, 5, () => githubSigned("made-up"))).toEqual(Array(5).fill(401));
    expect(await unhealthy(runner)).toEqual([]);
    expect(warnings(runner, "slack/team")).toMatchObject([{ reason: "signature_invalid", refused: 1 }]);
    await runner.terminate();
  });

  it("a clock that is five minutes off, by how much it is", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const url = (await runner.listening()) + slackPath;
    expect(await send(url, 6, (at) => slackSigned(at, { offSeconds: -312 }))).toEqual(Array(6).fill(401));
    expect(await unhealthy(runner)).toMatchObject([
      { code: "PUSH_CLOCK_SKEWED", message: expect.stringMatching(/this machine's clock is 31\d s ahead of the sender's/) },
    ]);
    expect(warnings(runner, "slack/team")).toMatchObject([{ reason: "timestamp_stale" }]);
    await runner.terminate();
  });

  it("nothing that a scanner sends makes it unhealthy or fills the log", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const url = await runner.listening();
    await send(url + slackPath, 60, (at) => ({ body: `{"probe":${at}}` }));
    await send(url + slackPath, 60, () => ({
      body: "x",
      headers: { "x-slack-signature": "v0=00", "x-slack-request-timestamp": "1" },
    }));
    await send(`${url}/wp-login.php`, 60, () => ({ body: "x" }));
    expect(await unhealthy(runner)).toEqual([]);
    expect(warnings(runner, "slack/team").map(({ reason }) => reason)).toEqual(["signature_missing", "signature_malformed"]);
    expect(sumOf(await runner.metrics(), "statewave_runner_http_not_found_total")).toBe(60);
    await runner.terminate();
  });
});

it("a genuine webhook that is not stored is counted by its reason and event", async (test) => {
  const world = await makeWorld(test, { entries: githubEntry });
  const runner = await world.workspace.run();
  const url = await runner.listening();
  expect(
    await send(`${url}/github/hook/events`, 2, () => githubSigned("e2e-github-secret", "watch", '{"action":"started"}')),
  ).toEqual([200, 200]);
  const body = JSON.stringify({ type: "event_callback", event_id: "Ev1", event: { type: "team_join" } });
  expect(await send(url + slackPath, 3, () => ({ body, headers: slackHeaders(body) }))).toEqual([200, 200, 200]);
  const metrics = await runner.metrics();
  expect(
    sumOf(
      metrics,
      "statewave_runner_push_ignored_total",
      'kind="github",name="hook",reason="event_not_mapped",event="watch.started"',
    ),
  ).toBe(2);
  expect(sumOf(metrics, "statewave_runner_push_ignored_total", 'kind="slack",name="team",reason="not_wanted"')).toBe(3);
  await runner.terminate();
});
