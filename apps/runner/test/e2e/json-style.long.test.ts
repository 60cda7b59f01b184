import { runCli } from "@statewave-connectors/cli";
import { describe, expect, it } from "vitest";
import type { RunnerProcess } from "./runner-process.ts";
import { until } from "./until.ts";
import { configName, configText, requireDescribed, type Workspace } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

/** Objects whose keys are the operator's or a provider's. */
const foreign = new Set(["options", "headers", "metadata", "connector_packages", "by_kind"]);
/** Keys whose values are instants. */
const instant = /(?:_at|_due)$/;
const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** Where a value leaves the style, as `path: why`. */
function faultsIn(value: unknown, path = "$"): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => faultsIn(item, `${path}[${index}]`));
  if (typeof value === "number" && value > 1e11) return [`${path}: a bare number that looks like an instant`];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = `${path}.${key}`;
    const faults = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(key) ? [] : [`${here}: not snake_case`];
    if (instant.test(key) && !iso.test(String(inner))) faults.push(`${here}: not ISO 8601`);
    // The source of an episode is its place at the provider.
    if (key === "source" && !path.endsWith(".episode") && typeof inner !== "string") faults.push(`${here}: not kind/name`);
    return foreign.has(key) ? faults : [...faults, ...faultsIn(inner, here)];
  });
}

/** How each command that has `--json` is called. */
const calls: Readonly<Record<string, (letter: string) => readonly string[]>> = {
  "validate-config": () => [],
  doctor: () => [],
  connectors: () => ["markdown"],
  sync: () => ["markdown/docs"],
  pause: () => ["markdown/docs", "--reason", "a test"],
  runs: () => ["markdown/docs"],
  status: () => [],
  audit: () => [],
  "state list": () => [],
  "state adopt": () => ["markdown/docs", "--yes"],
  "state reset": () => ["markdown/docs", "--yes"],
  "state history": () => ["markdown/docs"],
  "state undo": () => ["markdown/docs", "--yes"],
  trace: () => ["markdown/docs/none"],
  "state prune": () => [],
  "dead-letters list": () => [],
  ask: () => ["What was agreed?"],
  "state set": () => ["markdown/docs", "mine", "--force", "--yes"],
  "state export": () => [],
  "dead-letters show": (letter) => [letter],
  "state get": () => ["markdown/docs"],
  "state delete": () => ["markdown/docs", "--yes"],
  "state delete-secrets": () => ["markdown/docs", "--yes"],
  try: () => ["markdown", "--option", "path=docs"],
  // A run of the source would be in the way of the commands on its cursor.
  resume: () => ["markdown/docs"],
};
/** Commands that need more than this world has: their JSON is compared by tests of their own. */
const elsewhere = [
  "backfill cancel",
  "backup",
  "backfill list",
  "chaos",
  "erase",
  "healthcheck",
  "inbox list",
  "inbox show",
  "init",
  "listen",
  "migrate",
  "new-connector",
  "reload",
  "run",
  "schema",
  "simulate",
  "restore",
  "state copy",
  "state import",
  "state seed",
  "dead-letters discard",
  "dead-letters edit",
  "dead-letters retry",
];
/** Commands that have no configuration. */
const withoutConfig = new Set(["try"]);
describe("what commands print as JSON", () => {
  it.each([{ running: true }, { running: false }])(
    "has snake_case keys and ISO 8601 times in every command (runner running: $running)",
    async ({ running }) => {
      const world = await makeRefusedWorld(running);
      try {
        const { workspace } = world;
        const letters = await workspace.jsonLines("dead-letters", "list", "--json");
        expect(letters).toHaveLength(1);
        const letter = String(letters[0]?.["key"]);
        for (const [name, args] of Object.entries(calls)) {
          const { stdout, stderr } = await call(workspace, name, [...args(letter), "--json"]);
          const values = parseAll(stdout);
          expect({ name, stderr, values: values.length }).not.toMatchObject({ values: 0 });
          expect({ name, faults: values.flatMap((value) => faultsIn(value)) }).toEqual({ name, faults: [] });
          if (name === "pause" && running) await world.runner.logged("an entry is paused");
        }
      } finally {
        await world.end();
      }
    },
  );

  it("is checked for every command that has --json, and every list has it", async () => {
    const names = await leavesOf();
    const helps = await Promise.all(names.map(async (name) => [name, await help(name)] as const));
    const withJson = helps.filter(([, text]) => text.includes("--json")).map(([name]) => name);
    expect(withJson.toSorted()).toEqual([...Object.keys(calls), ...elsewhere].toSorted());
    expect(names.filter((name) => name.endsWith("list")).every((name) => name in calls || elsewhere.includes(name))).toBe(true);
  });
});

/** One JSON text, or one a line. */
function parseAll(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as unknown]));
  }
}

async function call(workspace: Workspace, name: string, args: readonly string[]) {
  const words = [...name.split(" "), ...args];
  if (!withoutConfig.has(name)) return await workspace.command(...words);
  const command = workspace.start({ args: words });
  await command.exited;
  requireDescribed(words, command.stdout);
  return command;
}

async function help(name: string): Promise<string> {
  let text = "";
  const output = { write: (part: string) => void (text += part) };
  const terminal = { stdout: output, stderr: output, env: {}, cwd: "/", onSignal: () => () => undefined, exit: () => undefined };
  const args = [...name.split(" ").filter((word) => word !== ""), "--help"];
  await runCli({ args, version: "0.0.0", terminal, resolveFrom: [] });
  return text;
}

/** Every command without commands of its own. */
async function leavesOf(name = ""): Promise<readonly string[]> {
  const listed = (await help(name)).split("\nCommands:\n")[1]?.matchAll(/^ {2}([a-z][a-z-]*)/gm) ?? [];
  const names = Array.from(listed, ([, word]) => word!).filter((word) => word !== "help");
  if (names.length === 0) return [name];
  return (await Promise.all(names.map((word) => leavesOf(`${name} ${word}`.trim())))).flat();
}

/** One document is delivered, one is a dead letter. */
async function makeRefusedWorld(
  running: boolean,
): Promise<World & { readonly runner: RunnerProcess; readonly end: () => Promise<void> }> {
  const endings: (() => unknown)[] = [];
  const world = await makeWorld({ onTestFinished: (end) => void endings.unshift(() => end({} as never)) });
  const text = configText({ statewaveUrl: world.statewave.url });
  await world.workspace.write(configName, text);
  await world.writeDocuments(2);
  world.statewave.setFaults([{ type: "refuse", marker: "mark:doc-000001", as: "422" }]);
  const runner = await world.workspace.run();
  await until("one document is buried", async () =>
    (await runner.metrics()).includes('statewave_runner_dead_letters{kind="markdown",name="docs",type="episode"} 1'),
  );
  await world.drained(runner);
  await runner.logged("run done");
  world.statewave.setFaults([]);
  if (!running) await runner.terminate();
  return Object.assign(world, { runner, end: async () => void (await Promise.all(endings.map((end) => end()))) });
}
