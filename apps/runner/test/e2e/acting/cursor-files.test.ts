import { existsSync, readFileSync, rmSync } from "node:fs";
import { expect, it } from "vitest";
import { until } from "../until.ts";
import { configName, makeWorkspace, type Workspace } from "../workspace.ts";

const connector = new URL("./counting-connector.ts", import.meta.url).href;

async function makeCounting(test: Parameters<typeof makeWorkspace>[0], schedule = "0 0 1 1 *"): Promise<Workspace> {
  const workspace = makeWorkspace(test);
  await workspace.write("counting.mjs", `export { connector } from ${JSON.stringify(connector)};\n`);
  await workspace.write("docs/note.md", "# Note");
  await workspace.write(
    configName,
    `
[statewave]
url = "file:./episodes.jsonl"

[runner]
host = "127.0.0.1"
port = 0
state_dir = "./state"

[runner.state]
kind = "file"
layout = "dir"

[connectors]
counting = "./counting.mjs"

[[pull.counting]]
name = "all"
schedule = "${schedule}"

[[pull.markdown]]
name = "docs"
schedule = "0 0 1 1 *"
path = "./docs"
`,
  );
  return workspace;
}

it("a cursor in a file of its own is seeded, edited and removed with an editor while the runner is stopped", async (test) => {
  const workspace = await makeCounting(test);
  const file = workspace.path("state/cursors/counting/all.json");
  expect((await workspace.command("sync", "counting/all")).code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe('{"cursor":{"since":"","a":1,"b":1}}\n');
  await workspace.write("state/cursors/counting/all.json", '{ "timestamp": "2026-01-01T00:00:00Z" }\n');
  expect((await workspace.command("sync", "counting/all")).code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe('{"cursor":{"since":"2026-01-01T00:00:00.000Z","a":1,"b":1}}\n');
  await workspace.write("state/cursors/counting/all.json", '{"cursor":{"since":"mine","a":7,"b":7}}\n');
  expect((await workspace.command("sync", "counting/all")).code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe('{"cursor":{"since":"mine","a":8,"b":8}}\n');
  rmSync(file);
  expect((await workspace.command("sync", "counting/all")).code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe('{"cursor":{"since":"","a":1,"b":1}}\n');
  // A connector that cannot begin at a moment says so.
  await workspace.write("state/cursors/markdown/docs.json", '{ "timestamp": "2026-01-01T00:00:00Z" }\n');
  expect(await workspace.command("sync", "markdown/docs")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("[PULL_ABILITY_MISSING]"),
  });
});

it("an edit while the runner runs is refused at the next checkpoint, and taken at the next start", async (test) => {
  const workspace = await makeCounting(test, "every 1s");
  const file = workspace.path("state/cursors/counting/all.json");
  const first = await workspace.run();
  await until("a cursor is stored", () => existsSync(file));
  const edited = '{"cursor":{"since":"mine","a":100,"b":100}}\n';
  // A checkpoint may come between the look and the write.
  await until("the edit is noticed", async () => {
    if (!first.log.some(({ msg }) => msg.startsWith("run failed")))
      await workspace.write("state/cursors/counting/all.json", edited);
    return first.stderr.includes("STORE_CURSOR_EDITED");
  });
  expect(readFileSync(file, "utf8")).toBe(edited);
  expect(await first.terminate()).toMatchObject({ code: 0 });
  const second = await workspace.run();
  await until("it continues from the edit", () => readFileSync(file, "utf8").includes('"a":101'));
  expect(await second.terminate()).toMatchObject({ code: 0 });
});

it("a back-up of one layout is restored into the other", async (test) => {
  const workspace = await makeCounting(test);
  expect((await workspace.command("sync", "counting/all")).code).toBe(0);
  expect((await workspace.command("backup", "copy")).code).toBe(0);
  expect((await workspace.command("sync", "counting/all")).code).toBe(0);
  expect((await workspace.command("restore", "copy", "--yes")).code).toBe(0);
  expect((await workspace.command("state", "get", "counting/all")).stdout).toBe('{"since":"","a":1,"b":1}\n');
  expect(existsSync(workspace.path("state/cursors/counting/all.json"))).toBe(true);
});
