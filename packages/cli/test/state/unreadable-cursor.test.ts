import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@statewave-connectors/config";
import { silentLogger } from "@statewave-connectors/connector-sdk/host";
import { createRunner } from "@statewave-connectors/runner";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resolveFrom, runHere } from "../run-here.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cli-unreadable-cursor-"));
  await writeFile(
    join(folder, "statewave-connectors.toml"),
    `[statewave]\nurl = "file:./episodes.jsonl"\n[runner]\nport = 0\n[runner.state]\nkind = "file"\n
[[pull.markdown]]\nname = "docs"\nschedule = "0 0 1 1 *"\npath = "."
[[pull.github]]\nname = "widgets"\nschedule = "0 0 1 1 *"\nrepo = "acme/widgets"\nbase_url = "http://127.0.0.1:9"\n`,
  );
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const set = (source: string, cursor: string, ...rest: readonly string[]) =>
  runHere(folder, ["state", "set", source, cursor, "--yes", ...rest]);
const readable = '{"version":1,"files":[]}';
const get = (source: string) => runHere(folder, ["state", "get", source]);

test.each([
  ["markdown/docs", "last week", /^error: the cursor was not set: .* it has no version \[MARKDOWN_CURSOR_INVALID\]\nhint: /],
  ["github/widgets", '{"v":99}', /has the version 99, and this release reads 1, 2, 3 \[GITHUB_CURSOR_INVALID\]\nhint: /],
  ["markdown/docs", 'seed:{"since":"2026-01-01T00:00:00Z"}', /cannot begin at a moment \[PULL_ABILITY_MISSING\]\nhint: /],
  ["github/widgets", 'seed:{"since":"2962-01-01T00:00:00Z"}', /is in the future \[PULL_START_IN_FUTURE\]\nhint: /],
])("`state set` refuses for %s the cursor %s, from which no run could begin", async (source, cursor, shown) => {
  expect(await set(source, cursor)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(shown) });
  expect((await set(source, cursor)).stderr).toContain("--force");
  expect((await get(source)).code).toBe(1);
  expect(await set(source, cursor, "--force")).toMatchObject({ code: 0, stderr: "" });
  expect((await get(source)).stdout).toBe(`${cursor}\n`);
});

test("`state seed` refuses a time in the future", async () => {
  const seeded = await runHere(folder, ["state", "seed", "github/widgets", "--since", "2962-01-01", "--yes"]);
  expect(seeded).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--since 2962-01-01 is in the future") });
  expect((await get("github/widgets")).code).toBe(1);
});

test.each([
  ["markdown/docs", readable],
  ["github/widgets", '{"v":3,"since":"2026-01-01T00:00:00Z"}'],
  ["github/widgets", 'seed:{"since":"2026-01-01T00:00:00Z"}'],
])("`state set` takes for %s the cursor %s, and requests nothing of the provider", async (source, cursor) => {
  expect(await set(source, cursor)).toMatchObject({ code: 0, stderr: "" });
  expect((await get(source)).stdout).toBe(`${cursor}\n`);
});

describe("cursors that no run could begin from", () => {
  const refused =
    /^error: nothing was written: .* it has no version; the same is true of github\/widgets \[MARKDOWN_CURSOR_INVALID\]\nhint: .*--force/;
  const exported = {
    version: 1,
    sources: [
      { source: "markdown/docs", cursor: "last week" },
      { source: "github/widgets", cursor: '{"v":99}' },
      { source: "notes/gone", cursor: "of another configuration" },
    ],
  };

  test("are refused by `state import` before anything is written, and taken with --force", async () => {
    await writeFile(join(folder, "state.json"), JSON.stringify(exported));
    const run = (...rest: readonly string[]) => runHere(folder, ["state", "import", "state.json", "--yes", ...rest]);
    expect(await run()).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(refused) });
    expect((await runHere(folder, ["state", "list"])).stdout).toBe("no source has any state yet\n");
    expect(await run("--force")).toMatchObject({ code: 0, stderr: "" });
    expect((await get("markdown/docs")).stdout).toBe("last week\n");
  });

  test("are refused by `state copy` where the connectors of the new configuration cannot read them", async () => {
    const old = await readFile(join(folder, "statewave-connectors.toml"), "utf8");
    await writeFile(join(folder, "new.toml"), old.replace("port = 0", 'port = 0\nstate_dir = "new"'));
    await set("markdown/docs", "last week", "--force");
    await set("github/widgets", '{"v":99}', "--force");
    const run = (...rest: readonly string[]) =>
      runHere(folder, ["state", "copy", "--from", "statewave-connectors.toml", "--to", "new.toml", "--yes", ...rest]);
    expect(await run()).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(refused) });
    expect(await run("--force")).toMatchObject({ code: 0, stderr: "" });
  });

  test("do not include those that can be read, nor those of sources that are not configured", async () => {
    const sources = [{ source: "markdown/docs", cursor: readable }, exported.sources[2]];
    await writeFile(join(folder, "state.json"), JSON.stringify({ version: 1, sources }));
    expect(await runHere(folder, ["state", "import", "state.json", "--yes"])).toMatchObject({ code: 0, stderr: "" });
    expect((await get("markdown/docs")).stdout).toBe(`${readable}\n`);
  });
});

test("`doctor` names a cursor that cannot be read, also while a runner has the state open", async () => {
  await set("markdown/docs", "last week", "--force");
  const named =
    /^FAIL pull markdown\/docs: .* it has no version \[MARKDOWN_CURSOR_INVALID\]\n {5}hint: run `statewave-connectors state reset markdown\/docs`/m;
  expect((await runHere(folder, ["doctor"])).stdout).toMatch(named);
  const { config, connectors } = await loadConfig({ configPath: join(folder, "statewave-connectors.toml"), resolveFrom });
  const runner = await createRunner({ config, connectors, logger: silentLogger, resolveFrom });
  await runner.start();
  const { stdout } = await runHere(folder, ["doctor"]);
  await runner.stop();
  expect(stdout).toMatch(named);
  expect(stdout).toMatch(/^ok {3}runner: a runner is running and ready$/m);
});
