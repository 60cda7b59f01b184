import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { configName, configText, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const other = 65_534;

/** Only root can start a process of another user, who must be able to read the program. */
const canRead =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ["-e", "fs.accessSync(process.argv[1])", main], { uid: other, gid: other }).status === 0;

const sentence = (code: string, hint: RegExp) =>
  new RegExp(`^error: [^\\n]+ \\[${code}\\]\\nhint: [^\\n]*${hint.source}[^\\n]*\\n$`);
const asRoot = /user 0/;

/** The state and the episodes are root's; the configuration may be read by everyone. */
async function rootsWorkspace(ending: Ending): Promise<Workspace> {
  const workspace = makeWorkspace(ending);
  chmodSync(workspace.folder, 0o755);
  await workspace.write(configName, configText({ statewaveUrl: "file:./out/episodes.jsonl" }));
  await workspace.write("docs/note.md", "# Note");
  expect(await workspace.command("sync", "markdown/docs")).toMatchObject({ code: 0 });
  return workspace;
}

async function asOther(workspace: Workspace, ...args: readonly string[]) {
  const command = workspace.launchWith(args, { uid: other, env: { HOME: "/nonexistent" } });
  return { ...(await command.exited), stderr: command.stderr };
}

describe.skipIf(!canRead)("a command of another user", () => {
  it.for([
    ["state", "list"],
    ["dead-letters", "list"],
    ["sync", "markdown/docs"],
  ])("%j is refused in a sentence, whether a runner runs or not, and whether the folder is closed or not", async (args, test) => {
    const workspace = await rootsWorkspace(test);
    const closed = await asOther(workspace, ...args);
    expect(closed.code).toBe(4);
    expect(closed.stderr).toMatch(sentence("RUNNER_CONTROL_FORBIDDEN", /sudo -u/));
    chmodSync(workspace.path("state"), 0o755);
    const idle = await asOther(workspace, ...args);
    expect(idle.code).toBe(4);
    expect(idle.stderr).toMatch(sentence("(?:STORE|INBOX)_\\w+", asRoot));
    await workspace.run();
    const running = await asOther(workspace, ...args);
    expect(running.code).toBe(4);
    expect(running.stderr).toMatch(sentence("RUNNER_CONTROL_\\w+", /./));
  });

  it("`run` on the same checkout names the user to whom the state belongs, or the inbox, or the episodes", async (test) => {
    const workspace = await rootsWorkspace(test);
    for (const args of [["run"], ["run", "--once"]]) {
      const closed = await asOther(workspace, ...args);
      expect(closed.code).toBe(4);
      expect(closed.stderr).toMatch(sentence("RUNNER_CONTROL_FORBIDDEN", /sudo -u/));
      expect(closed.stderr).toContain("the state belongs to user 0");
    }
    chmodSync(workspace.path("state"), 0o777);
    for (const name of workspace.list("state")) if (!name.startsWith("inbox")) rmSync(workspace.path("state", name));
    const inbox = await asOther(workspace, "run");
    expect(inbox.code).toBe(4);
    expect(inbox.stderr).toMatch(sentence("INBOX_UNAVAILABLE", asRoot));
    rmSync(workspace.path("state"), { recursive: true });
    mkdirSync(workspace.path("state"));
    chownSync(workspace.path("state"), other, other);
    const sink = await asOther(workspace, "run");
    expect(sink.stderr).toMatch(sentence("SINK_FILE_UNUSABLE", asRoot));
  });

  it("cannot read a configuration that is not its own", async (test) => {
    const workspace = await rootsWorkspace(test);
    chmodSync(workspace.path(configName), 0o600);
    const { code, stderr } = await asOther(workspace, "validate-config");
    expect(code).toBe(3);
    expect(stderr).toMatch(sentence("CONFIG_UNREADABLE", asRoot));
  });
});

it.skipIf(!canRead)("a command works in a working directory, and with a home, that its user cannot enter", async (test) => {
  const [closed, open] = [makeWorkspace(test), makeWorkspace(test)];
  chmodSync(open.folder, 0o755);
  await open.write(configName, configText({ statewaveUrl: "stdout:" }));
  await open.write("docs/note.md", "# Note");
  const args = ["validate-config", "--config", open.path(configName)];
  const command = closed.start({ args, uid: other, env: { HOME: closed.folder } });
  expect({ ...(await command.exited), stderr: command.stderr }).toMatchObject({ code: 0, stderr: "" });
});
