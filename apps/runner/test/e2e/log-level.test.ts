import { symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { configName, configText, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

async function configured(ending: Ending, runner = ""): Promise<Workspace> {
  const workspace = makeWorkspace(ending);
  await workspace.write(configName, configText({ statewaveUrl: "file:./episodes.jsonl", runner }));
  await workspace.write("docs/note.md", "# Note");
  return workspace;
}

describe("what `run` logs", () => {
  it("begins at [runner] log_level", async (test) => {
    const workspace = await configured(test, 'log_level = "debug"');
    const runner = await workspace.run();
    expect(await runner.logged("run done, nothing new")).toMatchObject({ level: "debug" });
  });

  it("begins at --log-level, whatever the file says", async (test) => {
    const workspace = await configured(test, 'log_level = "error"');
    const runner = workspace.launch(["run", "--log-level", "debug"]);
    expect(await runner.logged("run done, nothing new")).toMatchObject({ level: "debug" });
  });

  it("is nothing at `error` while all is well", async (test) => {
    const workspace = await configured(test);
    const runner = workspace.launch(["sync", "markdown/docs", "--log-level", "error"]);
    expect((await runner.exited).code).toBe(0);
    expect(runner.stderr).toBe("");
  });
});

describe("a level that does not exist", () => {
  it("is refused on the command line and in the file", async (test) => {
    const workspace = await configured(test, 'log_level = "trace"');
    const wrong = workspace.launch(["state", "list", "--log-level", "verbose"]);
    expect((await wrong.exited).code).toBe(2);
    expect(wrong.stderr).toContain("debug, info, warn, error");
    const { code, stderr } = await workspace.command("validate-config");
    expect(code).toBe(3);
    expect(stderr).toContain("runner.log_level");
  });
});

describe("skipped items", () => {
  it("are counted with their reasons in the report of a sync", async (test) => {
    const workspace = await configured(test);
    await workspace.write("private.md", "# Not in the folder");
    symlinkSync(workspace.path("private.md"), workspace.path("docs/outside.md"));
    await workspace.write("docs/large.md", "word ".repeat(3_000_000));
    const { stdout } = await workspace.command("sync", "markdown/docs", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ skipped: 2, skipped_reasons: { symlink_outside: 1, too_large: 1 } });
    const again = await workspace.command("sync", "markdown/docs");
    expect(again.stdout).toMatch(/, 2 skipped \(1 \w+, 1 \w+\)\n$/);
  });
});
