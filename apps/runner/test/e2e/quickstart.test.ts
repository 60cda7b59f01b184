import { spawnSync } from "node:child_process";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it, type TestContext } from "vitest";
import { startFakeGithub } from "./fake-github-process.ts";
import { makeCheckout, startCheckoutCli, startQuickstart } from "./quickstart-checkout.ts";
import type { RunnerProcess } from "./runner-process.ts";
import { until } from "./until.ts";
import type { Workspace } from "./workspace.ts";

/** npm itself prints four lines before. */
const mostLines = 11;

const linesOf = ({ stdout, stderr }: RunnerProcess) => `${stdout}${stderr}`.split("\n").filter((line) => line.trim() !== "");

/** Runs until `words` are printed, then Ctrl-C. */
async function runUntil(test: TestContext, workspace: Workspace, words: RegExp, env: Readonly<Record<string, string>> = {}) {
  const runner = startQuickstart(test, workspace, env);
  await until(`it prints ${words}`, () => words.test(runner.stdout + runner.stderr)).catch((error: unknown) => {
    throw new Error(`it printed instead:\n${runner.stdout}${runner.stderr}`, { cause: error });
  });
  runner.signal("SIGINT");
  expect(await runner.exited).toEqual({ code: 0, signal: null });
  return runner;
}

describe.concurrent("the quickstart", () => {
  it("prints one banner, what arrived and what to do next, in a few lines", async (test) => {
    const workspace = await makeCheckout(test);
    const runner = await runUntil(test, workspace, /2 documents delivered as 2 episodes, change one to see it arrive/);
    const text = runner.stdout;
    expect(runner.stderr).toBe("");
    expect(linesOf(runner).length).toBeLessThanOrEqual(mostLines);
    expect(text.match(/Quickstart:/g)).toHaveLength(1);
    expect(text).toContain("episodes arrive in   var/quickstart/episodes.jsonl\n");
    expect(text).toContain("npm run cli -- doctor");
    expect(text).toMatch(/stopped: 0 webhooks received, 2 episodes delivered, 0 buried\n$/);
  });

  it("says at the second start that all is up to date, and then what changes", async (test) => {
    const workspace = await makeCheckout(test);
    await runUntil(test, workspace, /2 documents delivered/);
    const second = startQuickstart(test, workspace);
    await until("it is up to date", () => second.stdout.includes("up to date: 2 documents known, change one to see it arrive"));
    expect(second.stdout).toMatch(/last run, \d+ \w+ ago: 0 webhooks received, 2 episodes delivered, 0 buried\n/);
    await workspace.write("docs/new.md", "# New\n");
    await until("the change is reported", () => second.stdout.includes("1 document changed and delivered"));
    second.signal("SIGINT");
    await second.exited;
    expect(linesOf(second).length).toBeLessThanOrEqual(mostLines + 1);
  });

  it("says what changed while it was stopped", async (test) => {
    const workspace = await makeCheckout(test);
    await runUntil(test, workspace, /2 documents delivered/);
    await workspace.write("docs/meanwhile.md", "# Meanwhile\n");
    const second = await runUntil(test, workspace, /since the stop/);
    expect(second.stdout).toMatch(/since the stop \d+ \w+ ago: 1 document changed and delivered; 3 documents known/);
  });

  it("reports a webhook that it received", async (test) => {
    const workspace = await makeCheckout(test);
    const runner = startQuickstart(test, workspace);
    const sample = await until(
      "the sample is named",
      () => /examples\/send-slack-sample\.mjs --url (\S+)/.exec(runner.stdout)?.[1],
    );
    expect(spawnSync(process.execPath, [workspace.path("examples/send-slack-sample.mjs"), "--url", sample]).status).toBe(0);
    await until("it is reported", () => /1 webhook for slack\/quickstart received, 1 episode delivered/.test(runner.stdout));
  });

  it.for([
    ["a wrong key", "wrong", /Statewave at http:\S+ takes nothing: 403 invalid_api_key; .*check STATEWAVE_API_KEY/],
    ["no key", "", /Statewave at http:\S+ takes nothing: 401 missing_api_key; set STATEWAVE_API_KEY: the server requires one/],
  ] as const)("says in one line that there is %s, also when nothing is new", async ([, key, words], test) => {
    const workspace = await makeCheckout(test);
    const statewave = await startFakeStatewave({ apiKey: "right" });
    test.onTestFinished(() => statewave.close());
    const to = { STATEWAVE_URL: statewave.url };
    await runUntil(test, workspace, /2 documents delivered/, { ...to, STATEWAVE_API_KEY: "right" });
    const runner = await runUntil(test, workspace, words, { ...to, STATEWAVE_API_KEY: key });
    expect(runner.stderr.trim().split("\n")).toEqual([expect.stringMatching(words)]);
  });

  it("says nothing more when a run meets the wrong key as well", async (test) => {
    const workspace = await makeCheckout(test);
    const statewave = await startFakeStatewave({ apiKey: "right" });
    test.onTestFinished(() => statewave.close());
    const runner = startQuickstart(test, workspace, { STATEWAVE_URL: statewave.url, STATEWAVE_API_KEY: "wrong" });
    // The first look, and the documents.
    await until("it has tried twice", () => statewave.stats().requests >= 2);
    await until("it is said", () => /takes nothing/.test(runner.stderr));
    runner.signal("SIGINT");
    expect(await runner.exited).toMatchObject({ code: 0 });
    expect(runner.stderr.trim().split("\n")).toEqual([expect.stringMatching(/takes nothing/)]);
    expect(runner.stdout).toContain("npm run cli -- doctor   (with the same variables; or:");
    expect(runner.stdout).not.toContain("use your Statewave");
  });

  it("looks at a repository at once, and says why it cannot be read", async (test) => {
    const workspace = await makeCheckout(test);
    const env = { GITHUB_REPO: "acme/widgets", GITHUB_API_URL: "http://127.0.0.1:9" };
    const runner = await runUntil(test, workspace, /cannot read acme\/widgets: GITHUB_UNAVAILABLE: .*failed/, env);
    expect(runner.stdout).toContain("read every minute    acme/widgets\n");
    expect(runner.stdout + runner.stderr).not.toContain("[object Object]");
  });

  it("says in one line that a repository can be read", async (test) => {
    const workspace = await makeCheckout(test);
    const github = await startFakeGithub(test, "--issues", "2");
    const env = { GITHUB_REPO: "acme/widgets", GITHUB_API_URL: github.url, GITHUB_TOKEN: github.token };
    const runner = await runUntil(test, workspace, /github\/repository: acme\/widgets is readable/, env);
    expect(runner.stdout.match(/github\/repository: /g)).toHaveLength(1);
    expect(runner.stderr).toBe("");
  });

  it("says in one line that nothing answers, and ends at once", async (test) => {
    const workspace = await makeCheckout(test);
    const runner = startQuickstart(test, workspace, { STATEWAVE_URL: "http://127.0.0.1:9" });
    await until("it is said", () => /ECONNREFUSED/.test(runner.stderr));
    const startedMs = performance.now();
    runner.signal("SIGINT");
    expect(await runner.exited).toMatchObject({ code: 0 });
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    expect(runner.stderr.trim().split("\n")).toEqual([expect.stringMatching(/ECONNREFUSED/)]);
  });
});

describe.concurrent("a quickstart whose Statewave does not answer", () => {
  it("does not wait for its first look at the end", async (test) => {
    const workspace = await makeCheckout(test);
    const statewave = await startFakeStatewave({ faults: [{ type: "latency", latencyMs: 60_000 }] });
    test.onTestFinished(() => statewave.close());
    const runner = startQuickstart(test, workspace, { STATEWAVE_URL: statewave.url });
    await until("the first look and the documents are under way", () => statewave.stats().inFlight >= 2);
    runner.signal("SIGINT");
    // Code 1 is that of a process that had to be ended by force.
    expect(await runner.exited).toEqual({ code: 0, signal: null });
    expect(runner.stdout).toContain("stopped:");
  });
});

describe.concurrent("a quickstart that cannot start", () => {
  it("proposes another port by the variable that sets it", async (test) => {
    const workspace = await makeCheckout(test);
    const statewave = await startFakeStatewave();
    test.onTestFinished(() => statewave.close());
    const { port } = new URL(statewave.url);
    const runner = startQuickstart(test, workspace, { PORT: port });
    expect(await runner.exited).toMatchObject({ code: 1 });
    expect(runner.stderr).toBe(
      `error: port ${port} on 127.0.0.1 is in use by another process [RUNNER_PORT_IN_USE]\n` +
        "hint: stop that process, or choose another port: PORT=3001 npm start\n",
    );
  });

  it("looks for a file of the user's own where the user stands", async (test) => {
    const workspace = await makeCheckout(test);
    const runner = startQuickstart(test, workspace, { INIT_CWD: workspace.path("docs") }, ["--config", "./own.toml"]);
    expect(await runner.exited).toMatchObject({ code: 3 });
    expect(runner.stderr).toContain(`looked at ${workspace.path("docs/own.toml")} [CONFIG_NOT_FOUND]`);
  });

  it("says that another one is running", async (test) => {
    const workspace = await makeCheckout(test);
    const first = startQuickstart(test, workspace);
    await until("the first one has begun", () => first.stdout.includes("2 documents delivered"));
    const second = startQuickstart(test, workspace);
    expect(await second.exited).toMatchObject({ code: 4 });
    expect(second.stderr).toMatch(
      /\[STORE_LOCKED\]\nhint: another npm start is running, in another terminal perhaps: stop it there first\n$/,
    );
  });
});

describe.concurrent("the command line of a checkout", () => {
  it("looks at the quickstart without a configuration of its own", async (test) => {
    const workspace = await makeCheckout(test);
    const runner = startQuickstart(test, workspace);
    await until("it has delivered", () => runner.stdout.includes("2 documents delivered"));
    const doctor = startCheckoutCli(test, workspace, ["doctor"]);
    expect(await doctor.exited).toMatchObject({ code: 0 });
    expect(doctor.stdout).toMatch(/^ok {3}runner: a runner is running and ready$/m);
    const state = startCheckoutCli(test, workspace, ["state", "get", "markdown/docs"]);
    expect(await state.exited).toMatchObject({ code: 0 });
  });

  it("finds a configuration in the user's working directory", async (test) => {
    const workspace = await makeCheckout(test);
    await workspace.write("statewave-connectors.toml", "[statewave]\n");
    const validate = startCheckoutCli(test, workspace, ["validate-config"]);
    expect(await validate.exited).toMatchObject({ code: 3 });
    expect(validate.stderr).toContain(workspace.path("statewave-connectors.toml"));
  });
});
