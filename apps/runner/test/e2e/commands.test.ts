import { describe, expect, it } from "vitest";
import { until } from "./until.ts";
import { configName, configText, makeWorkspace } from "./workspace.ts";
import { makeWorld } from "./world.ts";

/** Never due while a test runs: only commands make it read. */
const rare = 'schedule = "0 0 1 1 *"';
const idleConfig = (statewaveUrl: string) => configText({ statewaveUrl }).replace('schedule = "every 1s"', rare);

describe.concurrent.each([
  { how: "through the running process", running: true },
  { how: "without a running process", running: false },
])("the command line $how", ({ running }) => {
  it("syncs, shows what a sync would deliver, and reads and changes cursors", async (test) => {
    const world = await makeWorld(test);
    const { workspace, statewave } = world;
    await workspace.write(configName, idleConfig(statewave.url));
    await world.writeDocuments(3);
    const runner = running ? await workspace.run() : undefined;

    const preview = await workspace.jsonLines("sync", "markdown/docs", "--dry-run", "--json");
    expect(preview.filter((line) => "episode" in line)).toHaveLength(3);
    expect(preview.at(-1)).toEqual({
      source: "markdown/docs",
      dry_run: true,
      episodes: 3,
      delivered: 0,
      buried: 0,
      skipped: 0,
      complete: true,
    });
    expect(statewave.stats().stored).toBe(0);
    expect(await workspace.command("state", "get", "markdown/docs")).toMatchObject({ code: 1, stdout: "" });
    for (const command of ["get", "delete"])
      expect((await workspace.command("state", command, "markdown/dosc")).stderr).toBe(
        'markdown/dosc has no cursor: there is no [[pull.markdown]] entry named "dosc"\nhint: did you mean markdown/docs?\n',
      );

    const synced = await workspace.jsonLines("sync", "markdown/docs", "--json");
    expect(synced).toEqual([
      { source: "markdown/docs", dry_run: false, episodes: 3, delivered: 3, buried: 0, skipped: 0, complete: true },
    ]);
    expect(statewave.stats().stored).toBe(3);

    const cursor = (await workspace.command("state", "get", "markdown/docs")).stdout.trim();
    expect(cursor).not.toBe("");
    const [head, row] = (await workspace.command("state", "list")).stdout.split("\n");
    expect(head).toMatch(/^SOURCE +CURSOR +RUN +LAST DUE DONE +NEXT DUE +NOTE$/);
    expect(row).toMatch(/^markdown\/docs +\d+[smh] old +- +- +in \d+[smhd]$/);
    expect(Math.max(head!.length, row!.length)).toBeLessThanOrEqual(80);
    expect((await workspace.command("sync", "markdown/docs")).stdout).toContain("0 of 0 episodes delivered");

    expect((await workspace.command("state", "delete", "--yes", "markdown/docs")).code).toBe(0);
    expect((await workspace.command("state", "delete", "--yes", "markdown/docs")).code).toBe(1);
    expect((await workspace.command("sync", "markdown/docs")).stdout).toContain("3 of 3 episodes delivered");
    expect(statewave.stats()).toMatchObject({ stored: 3, duplicates: 3 });

    expect((await workspace.command("state", "set", "--yes", "markdown/docs", cursor)).code).toBe(0);
    expect((await workspace.command("state", "get", "markdown/docs")).stdout).toBe(`${cursor}\n`);
    expect(runner?.hasExited ?? false).toBe(false);
  });

  it("sets a cursor of a source that is not configured only by force, and lists it as an orphan", async (test) => {
    const { workspace, statewave } = await makeWorld(test);
    await workspace.write(configName, idleConfig(statewave.url));
    if (running) await workspace.run();
    for (const source of ["nope/typo", "markdown/dosc", "slack/team"]) {
      const { code, stderr } = await workspace.command("state", "set", "--yes", source, "abc");
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: [^\n]+ \[RUNNER_ENTRY_UNKNOWN\]\nhint: [^\n]*markdown\/docs[^\n]*--force[^\n]*\n$/);
    }
    expect((await workspace.command("state", "list")).stdout).toBe("no source has any state yet\n");
    expect((await workspace.command("state", "set", "--yes", "nope/typo", "abc", "--force")).code).toBe(0);
    const { stdout } = await workspace.command("state", "list");
    expect(stdout).toMatch(/^nope\/typo .* orphan: not configured$/m);
    expect(stdout).toMatch(/^markdown\/docs +none /m);
  });

  it("says so when a source is not configured", async (test) => {
    const world = await makeWorld(test);
    await world.workspace.write(configName, idleConfig(world.statewave.url));
    if (running) await world.workspace.run();
    const { code, stderr } = await world.workspace.command("sync", "markdown/nope");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: [^\n]+ \[RUNNER_ENTRY_UNKNOWN\]\nhint: [^\n]+\n$/);
  });
});

it("keeps stdout for episodes when the sink is stdout: every line is one, the banner and the log go to stderr", async (test) => {
  const workspace = makeWorkspace(test);
  await workspace.write(configName, configText({ statewaveUrl: "stdout:" }));
  for (const number of [1, 2, 3]) await workspace.write(`docs/${number}.md`, `# Number ${number}\n\nText.`);
  const runner = await workspace.run();
  await until("three episodes are printed", () => runner.stdout.split("\n").length > 3);
  expect((await runner.terminate()).code).toBe(0);
  const lines = runner.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map((line) => line["type"])).toEqual(Array.from({ length: 3 }, () => "markdown.section.changed"));
  expect(runner.stderr).toContain("statewave-connectors run\n");
});
