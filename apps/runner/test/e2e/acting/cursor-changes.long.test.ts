import { readFileSync } from "node:fs";
import { expect, it, describe, type TestContext } from "vitest";
import { until } from "../until.ts";
import { configName, makeWorkspace, type Workspace } from "../workspace.ts";
import { statePlaces, type StatePlace } from "./state-places.ts";

const connector = new URL("./counting-connector.ts", import.meta.url).href;

async function makeCounting(test: TestContext, place: StatePlace): Promise<Workspace> {
  const workspace = makeWorkspace(test);
  await workspace.write("counting.mjs", `export { connector } from ${JSON.stringify(connector)};\n`);
  await workspace.write(
    configName,
    `
[statewave]
url = "file:./episodes.jsonl"

[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"
drain_timeout = "4s"

[runner.state]
${await place.start(test)}

[connectors]
counting = "./counting.mjs"

[[pull.counting]]
name = "all"
schedule = "0 0 1 1 *"

[[pull.markdown]]
name = "docs"
schedule = "0 0 1 1 *"
path = "./docs"
`,
  );
  await workspace.write("docs/note.md", "# Note");
  return workspace;
}

const source = "counting/all";

async function cursorOf(workspace: Workspace): Promise<string> {
  return (await workspace.command("state", "get", source)).stdout.trim();
}

describe.each(statePlaces)("cursors on $kind", (place) => {
  it.for([{ running: false }, { running: true }])(
    "are seeded, reset by stream, listed and restored (runner running: $running)",
    async ({ running }, test) => {
      const workspace = await makeCounting(test, place);
      const runner = running ? await workspace.run() : undefined;
      expect(await workspace.command("state", "seed", source, "--since", "2025-01-01")).toMatchObject({ code: 2, stdout: "" });
      expect(await workspace.command("state", "seed", "markdown/docs", "--since", "2025-01-01", "--yes")).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/\[PULL_ABILITY_MISSING\]\nhint: [^\n]*counting\/all/),
      });
      expect((await workspace.command("state", "seed", source, "--since", "2025-01-01", "--yes")).code).toBe(0);
      const seeded = '{"since":"2025-01-01T00:00:00.000Z","a":0,"b":0}';
      expect(await cursorOf(workspace)).toBe(seeded);
      await workspace.command("sync", source);
      await workspace.command("sync", source);
      const ran = '{"since":"2025-01-01T00:00:00.000Z","a":2,"b":2}';
      expect(await cursorOf(workspace)).toBe(ran);
      expect((await workspace.command("state", "reset", source, "--stream", "b", "--yes")).code).toBe(0);
      expect(await cursorOf(workspace)).toBe('{"since":"2025-01-01T00:00:00.000Z","a":2,"b":0}');
      expect(await workspace.command("state", "reset", source, "--stream", "c", "--yes")).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("[COUNTING_STREAM_UNKNOWN]"),
      });
      expect((await workspace.command("state", "set", "--yes", source, "mine")).code).toBe(0);
      expect((await workspace.command("state", "reset", source, "--yes")).code).toBe(0);

      const changes = await workspace.jsonLines("state", "history", source, "--json");
      expect(changes.map(({ change, by, before }) => [change, by, before])).toEqual([
        [6, "reset", "mine"],
        [5, "set", '{"since":"2025-01-01T00:00:00.000Z","a":2,"b":0}'],
        [4, "reset b", ran],
        [3, "run", '{"since":"2025-01-01T00:00:00.000Z","a":1,"b":1}'],
        [2, "run", seeded],
        [1, "seed", undefined],
      ]);
      expect((await workspace.command("state", "undo", source, "--yes")).code).toBe(0);
      expect(await cursorOf(workspace)).toBe("mine");
      expect((await workspace.command("state", "undo", source, "--to", "3", "--yes")).code).toBe(0);
      expect(await cursorOf(workspace)).toBe('{"since":"2025-01-01T00:00:00.000Z","a":1,"b":1}');
      expect(await workspace.command("state", "undo", source, "--to", "99", "--yes")).toMatchObject({ code: 4 });
      const audit = await workspace.jsonLines("audit", "--json");
      expect(audit.map(({ command }) => command)).toContain("state undo");
      expect((await runner?.terminate())?.code ?? 0).toBe(0);
    },
  );

  it("are not changed while their source runs, and one of two changes at once comes first", async (test) => {
    const workspace = await makeCounting(test, place);
    await workspace.command("state", "set", "--yes", source, '{"since":"2025-01-01T00:00:00.000Z","a":1,"b":1}');
    const runner = await workspace.run({ COUNTING_PAUSE_MS: "6000" });
    const run = workspace.launch(["sync", source]);
    await until("the run has begun", () => workspace.list(".").includes("run-begun"));
    expect(await workspace.command("state", "undo", source, "--yes")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("[STORE_IN_USE]"),
    });
    expect(await run.exited).toMatchObject({ code: 0 });
    const undone = await Promise.all([1, 2].map(() => workspace.command("state", "undo", source, "--yes")));
    const codes = undone.map(({ code }) => code);
    expect(codes).toContain(0);
    expect(codes.every((code) => code === 0 || code === 4)).toBe(true);
    expect(await runner.terminate()).toMatchObject({ code: 0 });
  });

  it("of sources that are not configured are pruned only when they have rested for 30 days", async (test) => {
    const workspace = await makeCounting(test, place);
    const old = new Date(Date.now() - 40 * 86_400_000).toISOString();
    const late = new Date(Date.now() - 20 * 86_400_000).toISOString();
    const sources = [
      { source: "github/late", cursor: "late", finished_due: late },
      { source, cursor: "mine", finished_due: old },
    ];
    await workspace.write("export.json", JSON.stringify({ version: 1, sources }));
    expect((await workspace.command("state", "import", "--yes", "export.json")).code).toBe(0);
    const before = (await workspace.command("state", "export")).stdout;
    // What is written now counts as used now.
    const listed = await workspace.command("state", "prune", "--json");
    expect(JSON.parse(listed.stdout)).toEqual({ prunable: [], kept: ["github/late"] });
    expect((await workspace.command("state", "export")).stdout).toBe(before);
    expect(JSON.parse((await workspace.command("state", "prune", "--yes", "--json")).stdout)).toEqual({
      pruned: [],
      kept: ["github/late"],
    });
    expect(await cursorOf(workspace)).toBe("mine");
  });
});

it("a source whose cursor was written 40 days ago is pruned, and that can be undone", async (test) => {
  const workspace = await makeCounting(test, statePlaces[0]!);
  expect((await workspace.command("state", "set", "--yes", "github/gone", "old", "--force")).code).toBe(0);
  const file = workspace.path("state", "cursors.json");
  const updatedAtMs = Date.now() - 40 * 86_400_000;
  await workspace.write(
    "state/cursors.json",
    readFileSync(file, "utf8").replace(/"updatedAtMs":\d+/, `"updatedAtMs":${updatedAtMs}`),
  );
  expect((await workspace.command("state", "prune")).stdout).toBe(
    "github/gone: not configured, last ran 40d ago\n1 cursor would be forgotten; pass --yes to do it\n",
  );
  expect((await workspace.command("state", "get", "github/gone")).stdout).toBe("old\n");
  expect((await workspace.command("state", "prune", "--yes")).stdout).toBe("1 cursor forgotten\n");
  expect((await workspace.command("state", "get", "github/gone")).code).toBe(1);
  expect((await workspace.command("state", "undo", "github/gone", "--yes")).code).toBe(0);
  expect((await workspace.command("state", "get", "github/gone")).stdout).toBe("old\n");
});
