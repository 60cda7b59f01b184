import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseEnv } from "node:util";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { knownAdapters } from "@statewave-connectors/config/adapters";
import { describe, expect, it } from "vitest";
import type { RunnerProcess } from "./runner-process.ts";
import { type Ending, makeWorkspace, slackSecret, type Workspace } from "./workspace.ts";
import { makeWorld } from "./world.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const known = await knownAdapters({ resolveFrom: [main], cwd: "/", env: {} });
/** The template is private: no program brings it. */
const receivers = known.connectors.filter(({ kind, connector }) => connector?.push !== undefined && kind !== "example");
const pushKinds = receivers.map(({ kind }) => kind);
/** What notifications of Gmail make read. */
const gmailTwin =
  '[[pull.gmail]]\nname = "inbox"\nschedule = "every 1h"\nclient_id = "i"\nclient_secret = "s"\nrefresh_token = "r"\n';

async function ended(workspace: Workspace, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const runner = workspace.start({ args, env });
  const { code } = await runner.exited;
  return { code, stdout: runner.stdout, stderr: runner.stderr };
}

const jsonLines = (stdout: string) =>
  stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record<string, unknown>]));

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("simulate", () => {
  it("says what to do for a sender that cannot be imitated, because it signs with a key of its own", async (test) => {
    const workspace = makeWorkspace(test);
    const oidc = 'oidc = { audience = "https://example.com/", expected_emails = ["pusher@example.com"] }';
    await workspace.write(
      "statewave-connectors.toml",
      `[statewave]\nurl = "stdout:"\n[[push.gmail]]\nname = "main"\npull = "inbox"\n${oidc}\n${gmailTwin}`,
    );
    const { code, stderr } = await workspace.command("simulate", "gmail/main");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/PUSH_SAMPLE_UNSIGNED\]\nhint: .*`doctor --test-push /)]);
  });

  it.each(pushKinds)("signs samples of %s that its receiver takes, and shows what they become", async (kind) => {
    const endings: (() => unknown)[] = [];
    const workspace = makeWorkspace({ onTestFinished: (end: () => unknown) => void endings.push(end) } as unknown as Ending);
    const init = ["init", "--yes", "--source", kind, "--direction", "push", "--statewave-url", "stdout:", "--state", "memory"];
    expect(await ended(workspace, init)).toMatchObject({ code: 0 });
    const names = Object.keys(parseEnv(readFileSync(workspace.path(".env.example"), "utf8")));
    // Without credentials of the provider no name is looked up.
    const env = Object.fromEntries(
      names.map((name) => [name, /(?<!PATH_)TOKEN|CLIENT_ID|ZENDESK_CLIENT_SECRET/.test(name) ? "" : "a-secret-of-the-entry"]),
    );
    const { code, stdout } = await ended(workspace, ["simulate", `${kind}/main`, "--json"], env);
    const samples = jsonLines(stdout);
    expect(samples.length).toBeGreaterThan(0);
    for (const sample of samples) expect(sample).toMatchObject({ ok: true, id: expect.stringMatching(/^statewave-sample-/) });
    // A trigger becomes what the run of its twin reads.
    const isTrigger = samples.some(({ message }) => String(message).endsWith("requests a run of the twin"));
    const episodes = samples.flatMap((sample) => (sample["episodes"] as unknown[] | undefined) ?? []);
    expect(episodes.length > 0 || isTrigger).toBe(true);
    expect(code).toBe(0);
    for (const end of endings) await end();
  });

  it("has a runner verify and answer its samples, which reach Statewave only with --deliver", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const url = await runner.listening();
    const simulate = (...args: string[]) => world.workspace.command("simulate", "slack/team", "--url", url, ...args);
    const marked = await simulate();
    expect(marked.stdout).toMatch(
      /^ok {3}push slack\/team url_verification: .* answers 200, as to every such delivery, and stores nothing$/m,
    );
    expect(marked.stdout).toMatch(
      /^ok {3}push slack\/team message: .* answers 200: the signature is right, and the sample is not stored$/m,
    );
    expect(marked.code).toBe(0);
    expect(await runner.metrics()).toMatch(/reason="sample"[^\n]*\} 1\n/);
    const delivered = await simulate("--deliver", "--sample", "message");
    expect(delivered.code).toBe(0);
    await world.drained(runner);
    const texts = () => JSON.stringify(world.statewave.episodes);
    await expect.poll(texts, { timeout: 60_000 }).toContain("statewave-sample-");
    expect(world.statewave.stats()).toMatchObject({ stored: 1 });
  });

  it("names what is wrong with an address, a secret and a source", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const url = await runner.listening();
    const other = makeWorkspace(test);
    await other.write(
      "statewave-connectors.toml",
      `[statewave]\nurl = "stdout:"\n[[push.slack]]\nname = "team"\nsigning_secret = "${slackSecret}-another"\n`,
    );
    const refused = await other.command("simulate", "slack/team", "--url", url, "--sample", "message");
    expect(refused).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^FAIL .* answers 401\n {5}hint: give the runner behind this address the secret/),
    });
    const simulate = (...args: string[]) => world.workspace.command("simulate", ...args);
    expect((await simulate("slack/team", "--url", `${url}/elsewhere/events`)).stdout).toMatch(
      /answers 404\n {5}hint: check the path/,
    );
    expect((await simulate("slack/team", "--url", `http://127.0.0.1:${await freePort()}`)).stdout).toMatch(
      /cannot be reached: .*ECONNREFUSED/,
    );
    expect(await simulate("slack/none")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/RUNNER_ENTRY_UNKNOWN\]\nhint: name one of slack\/team/),
    });
    expect(await simulate("slack/team", "--sample", "none")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("name one of url_verification, message"),
    });
    expect(await simulate("slack/team", "--url", "nowhere")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("PUSH_ADDRESS_INVALID"),
    });
  });
});

describe("listen", () => {
  async function listening(
    workspace: Workspace,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): Promise<RunnerProcess> {
    const runner = workspace.start({ args: ["listen", ...args, "--port", "0", "--host", "127.0.0.1"], env });
    await runner.listening();
    return runner;
  }

  it("takes webhooks at /<kind>/events with options of variables and flags, and no file", async (test) => {
    const workspace = makeWorkspace(test);
    const env = { SLACK_SIGNING_SECRET: slackSecret, STATEWAVE_URL: "file:./episodes.jsonl", STATEWAVE_API_KEY: "" };
    const runner = await listening(workspace, ["slack", "--channels", "C0SAMPLE1,C0OTHER"], env);
    const url = await runner.listening();
    await expect.poll(() => runner.stdout).toContain(`slack: ${url}/slack/events\n`);
    await workspace.write(
      "own.toml",
      `[statewave]\nurl = "stdout:"\n[[push.slack]]\nname = "main"\nsigning_secret = "${slackSecret}"\nchannels = ["C0SAMPLE1"]\n`,
    );
    const args = ["simulate", "slack/main", "--config", workspace.path("own.toml"), "--url", `${url}/slack/events`, "--deliver"];
    expect(await ended(workspace, args)).toMatchObject({ code: 0 });
    await expect
      .poll(() => readFileSync(workspace.path("episodes.jsonl"), "utf8"), { timeout: 60_000 })
      .toContain("statewave-sample-");
    expect((await fetch(`${url}/slack/main/events`, { method: "POST" })).status).toBe(404);
    expect((await runner.terminate()).code).toBe(0);
    expect(runner.stderr).not.toContain(slackSecret);
  });

  it("keeps accepted webhooks in files with --state-dir, and prints JSON where it listens", async (test) => {
    const workspace = makeWorkspace(test);
    const args = [
      "github",
      "--secret",
      "a $ecret",
      "--statewave-url=stdout:",
      "--state-dir",
      "./state",
      "--path",
      "/hooks/github",
      "--json",
    ];
    const runner = await listening(workspace, args, {});
    const url = await runner.listening();
    // With the stdout: sink, stdout belongs to the episodes.
    const receiver = JSON.stringify({ kind: "github", url: `${url}/hooks/github`, path: "/hooks/github" });
    await expect.poll(() => runner.stderr, { timeout: 60_000 }).toContain(receiver);
    expect((await fetch(`${url}/hooks/github`, { method: "POST", body: "{}" })).status).toBe(401);
    await runner.terminate();
    expect(workspace.list("state")).toContain("inbox.sqlite");
  });

  it.each([
    [
      "what is missing, by flag and variable",
      ["slack"],
      /--signing-secret: is required \(pass it, or set SLACK_SIGNING_SECRET\)/,
    ],
    ["a server that is missing", ["slack"], /--statewave-url: is required \(pass it, or set STATEWAVE_URL/],
    ["a flag that there is not", ["slack", "--chanels", "C1"], /--chanels: is no option of slack \(did you mean --channels\?\)/],
    ["a flag without its value", ["slack", "--signing-secret"], /--signing-secret: has no value/],
    ["a connector that takes no webhooks", ["markdown"], /markdown takes no webhooks/],
    ["a connector that is not installed", ["slak"], /did you mean slack\?/],
    ["a path that is none", ["slack", "--path", "events"], /--path: is not a path/],
  ])("ends with 2 and names %s", async (_, args, said) => {
    const endings: (() => unknown)[] = [];
    const workspace = makeWorkspace({ onTestFinished: (end: () => unknown) => void endings.push(end) } as unknown as Ending);
    const { code, stderr } = await ended(workspace, ["listen", ...args], { STATEWAVE_URL: "", SLACK_SIGNING_SECRET: "" });
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
    for (const end of endings) await end();
  });
});

describe("healthcheck", () => {
  it("ends with 0 while a runner answers, and with 1 when it is not ready, hangs or is gone", async (test) => {
    const world = await makeWorld(test);
    const runner = await world.workspace.run();
    const { port } = new URL(await runner.listening());
    const check = (...args: string[]) => ended(world.workspace, ["healthcheck", ...args]);
    expect(await check("--port", port)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await check("--port", port, "--ready")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await ended(world.workspace, ["healthcheck"], { PORT: port })).toMatchObject({ code: 0 });
    runner.signal("SIGSTOP");
    expect(await check("--port", port, "--timeout", "300")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("does not answer within 300 ms"),
    });
    await runner.kill();
    expect(await check("--port", port)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: http:\/\/127\.0\.0\.1:\d+\/healthz cannot be reached: ECONNREFUSED\n$/),
    });
    expect(await check("--port", "many")).toMatchObject({ code: 2, stderr: expect.stringContaining("It is not a port.") });
    expect(await check("--help")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Usage: statewave-connectors healthcheck"),
    });
  });
});
