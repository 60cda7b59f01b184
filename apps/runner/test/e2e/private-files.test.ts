import { chmodSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { umaskOf } from "./runner-process.ts";
import { SlackSender } from "./slack-sender.ts";
import { until } from "./until.ts";
import { configName, configText, makeWorkspace, type Workspace } from "./workspace.ts";

/** Every file and folder under one of the workspace, with its mode. */
function modesUnder(workspace: Workspace, name: string): Readonly<Record<string, string>> {
  const names = readdirSync(workspace.path(name), { recursive: true, encoding: "utf8" });
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  return Object.fromEntries([
    [name, mode(workspace.path(name))],
    ...names.map((entry) => [join(name, entry), mode(join(workspace.path(name), entry))]),
  ]);
}

/** A workspace whose runner has delivered a webhook and a document to a file. */
async function delivered(workspace: Workspace): Promise<void> {
  await workspace.write(configName, configText({ statewaveUrl: "file:./out/deep/episodes.jsonl" }));
  await workspace.write("docs/note.md", "# Note\n\nmark:doc-000001\n");
  const runner = workspace.launchWith(["run"], {
    wrapper: umaskOf("000"),
    env: { NODE_COMPILE_CACHE: "", XDG_CACHE_HOME: workspace.path("cache") },
  });
  await new SlackSender().sendMany(await runner.listening(), 3);
  await until("episodes are in the file", () => workspace.list("out/deep").includes("episodes.jsonl"));
  await runner.logged("run done");
}

describe("under umask 000 what the program creates is readable for its user alone", () => {
  it("the episodes with their folders, the cursors, the inbox with its -wal, the locks, the socket", async (test) => {
    const workspace = makeWorkspace(test);
    await delivered(workspace);
    const modes = { ...modesUnder(workspace, "out"), ...modesUnder(workspace, "state") };
    expect(Object.keys(modes)).toEqual(
      expect.arrayContaining(["out/deep/episodes.jsonl", "state/inbox.sqlite-wal", "state/runner.sock"]),
    );
    const open = Object.entries(modes).filter(([, mode]) => !["600", "700"].includes(mode));
    expect(open).toEqual([]);
  });

  it("the compiled code that is kept between starts", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: "stdout:" }));
    const command = workspace.launchWith(["validate-config"], {
      wrapper: umaskOf("000"),
      env: { NODE_COMPILE_CACHE: "", XDG_CACHE_HOME: workspace.path("cache") },
    });
    expect((await command.exited).code).toBe(0);
    const open = Object.entries(modesUnder(workspace, "cache")).filter(([, mode]) => !["600", "700"].includes(mode));
    expect(open).toEqual([]);
  });

  it("also in existing folders that are open to everyone", async (test) => {
    const workspace = makeWorkspace(test);
    for (const name of ["out", "out/deep", "state"]) {
      mkdirSync(workspace.path(name));
      chmodSync(workspace.path(name), 0o777);
    }
    await delivered(workspace);
    const files = { ...modesUnder(workspace, "out/deep"), ...modesUnder(workspace, "state") };
    const open = Object.entries(files).filter(([name, mode]) => !["out/deep", "state"].includes(name) && mode !== "600");
    expect(open).toEqual([]);
  });
});
