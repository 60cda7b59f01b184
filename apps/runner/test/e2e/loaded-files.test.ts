import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { expect, it } from "vitest";
import type { RunnerProcess } from "./runner-process.ts";
import { until } from "./until.ts";
import { configName, configText, makeWorkspace, type Workspace } from "./workspace.ts";

const recorder = fileURLToPath(new URL("record-loaded-files.ts", import.meta.url));
const mainProgram = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Starts the program so that each file it loads is written down. */
function launchRecorded(workspace: Workspace, name: string, args: readonly string[]): RunnerProcess {
  const node = [process.execPath, "--conditions=@statewave-connectors/source", "--import", recorder];
  return workspace.launchWith(args, {
    command: [...node, mainProgram],
    env: { LOADED_FILES: workspace.path(name) },
  });
}

const loadedFiles = (workspace: Workspace, name: string) => readFileSync(workspace.path(name), "utf8");

it("a command that a running runner answers loads no engine, no HTTP server and no client of Statewave", async (test) => {
  const workspace = makeWorkspace(test);
  await workspace.write(configName, configText({ statewaveUrl: "file:./episodes.jsonl" }));
  await workspace.write("docs/note.md", "# Note");
  await workspace.run();
  const tool = launchRecorded(workspace, "loaded", ["sync", "markdown/docs"]);
  expect((await tool.exited).code).toBe(0);
  const loaded = loadedFiles(workspace, "loaded");
  expect(loaded).toMatch(/\/runner\/src\/control\/socket\/control-client\.ts\n/);
  expect(loaded).not.toMatch(/\/runner\/src\/(composition\/engine|create-runner|http\/server|metrics\/\S+|delivery\/\S+)\.ts\n/);
  expect(loaded).not.toMatch(/\/node_modules\/(prom-client|undici)\//);
});

it("a runner is ready without the metrics of the process, which the first scrape loads", async (test) => {
  const workspace = makeWorkspace(test);
  await workspace.write(configName, configText({ statewaveUrl: "file:./episodes.jsonl" }));
  const runner = launchRecorded(workspace, "loaded", ["run"]);
  await runner.listening();
  expect(loadedFiles(workspace, "loaded")).toMatch(/\/node_modules\/prom-client\/lib\/counter\.js\n/);
  expect(loadedFiles(workspace, "loaded")).not.toMatch(/\/node_modules\/@opentelemetry\//);
  const scrape = await runner.metrics();
  expect(scrape).toMatch(/^process_cpu_seconds_total \d/m);
  expect(scrape).toMatch(/^statewave_runner_\w+/m);
});

it("a runner that has nothing to deliver loads no client for deliveries, and nothing for tools, reloads, notices or compiling", async (test) => {
  const statewave = await startFakeStatewave();
  test.onTestFinished(() => statewave.close());
  const workspace = makeWorkspace(test);
  await workspace.write(
    configName,
    configText({ statewaveUrl: statewave.url }).replace('schedule = "every 1s"', 'schedule = "0 0 1 1 *"'),
  );
  const runner = launchRecorded(workspace, "loaded", ["run"]);
  await runner.listening();
  await until("the look at Statewave", () => (statewave.stats().answers[422] ?? 0) > 0);
  const loaded = loadedFiles(workspace, "loaded");
  expect(loaded).toMatch(/\/runner\/src\/sinks\/statewave\/single-requests\.ts\n/);
  expect(loaded).not.toMatch(/\/node_modules\/undici\//);
  expect(loaded).not.toMatch(
    /\/runner\/src\/(control\/(operations|calls\/serve-call)|erase|reload\/reloader|notices\/notices|compile\/compiling)\S*\.ts\n/,
  );
  expect((await workspace.command("state", "list")).code).toBe(0);
  expect((await workspace.command("reload")).code).toBe(0);
  expect(loadedFiles(workspace, "loaded")).toMatch(/\/runner\/src\/reload\/reloader\.ts\n/);
});

it("redaction is loaded where it is configured, and the engine for patterns only with a rule of one's own", async (test) => {
  const workspace = makeWorkspace(test);
  const loadedWith = async (name: string, privacy: string) => {
    await workspace.write(configName, configText({ statewaveUrl: "file:./episodes.jsonl", entries: privacy }));
    const tool = launchRecorded(workspace, name, ["sync", "markdown/docs", "--dry-run"]);
    expect((await tool.exited).code).toBe(0);
    return { redact: /\/redact\/src\/redactor\.ts\n/, re2js: /\/node_modules\/re2js\//, loaded: loadedFiles(workspace, name) };
  };
  await workspace.write("docs/note.md", "# Note");
  const without = await loadedWith("without", "");
  expect(without.loaded).not.toMatch(without.redact);
  const builtIn = await loadedWith("built-in", '[privacy]\nredact = ["email"]\n');
  expect(builtIn.loaded).toMatch(builtIn.redact);
  expect(builtIn.loaded).not.toMatch(builtIn.re2js);
  const own = await loadedWith("own", "[[privacy.rule]]\nname = 'badge'\npattern = 'E-\\d+'\n");
  expect(own.loaded).toMatch(own.re2js);
});

it("the health check of an image loads neither the command line nor an HTTP client, and help loads no HTTP client either", async (test) => {
  const workspace = makeWorkspace(test);
  const recorded = async (name: string, ...args: readonly string[]) => {
    const command = [process.execPath, "--conditions=@statewave-connectors/source", "--import", recorder, mainProgram];
    const tool = workspace.start({ args, command, env: { LOADED_FILES: workspace.path(name) } });
    await tool.exited;
    return loadedFiles(workspace, name);
  };
  const health = await recorded("health", "healthcheck", "--port", "9");
  expect(health).toMatch(/\/cli\/src\/commands\/receivers\/healthcheck\.ts\n/);
  expect(health).not.toMatch(/\/cli\/src\/program\.ts\n|\/node_modules\/commander\/|node:http\n/);
  const help = await recorded("help", "--help");
  expect(help).toMatch(/\/cli\/src\/program\.ts\n/);
  expect(help).not.toMatch(/\/packages\/(config|runner)\/src\/|node:http\n/);
  // What a command does is not loaded with its options.
  for (const [, file = ""] of help.matchAll(/\/cli\/src\/commands\/\w+\/(\S+)\.ts\n/g))
    expect(file).toMatch(/-commands?$|^init-draft$/);
});
