import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { until } from "./until.ts";
import { configName, configText, type Ending, makeWorkspace, type Workspace } from "./workspace.ts";

const uid = process.getuid?.() ?? 0;
const otherUid = 65_534;

/** A workspace with its own temp dir, whose state has a path too long for a socket beside it. */
async function deepWorkspace(ending: Ending): Promise<{ workspace: Workspace; tempDir: string; ownFolder: string }> {
  const workspace = makeWorkspace(ending);
  const text = configText({ statewaveUrl: "file:./episodes.jsonl" });
  await workspace.write(configName, text.replace("./state", `./${"deep/".repeat(20)}state`));
  await workspace.write("docs/note.md", "# Note");
  // Short: a socket's path has to fit.
  const tempDir = mkdtempSync(join(tmpdir(), "c-"));
  ending.onTestFinished(() => rmSync(tempDir, { recursive: true }));
  return { workspace, tempDir, ownFolder: join(tempDir, `statewave-connectors-${uid}`) };
}

const traps: readonly { readonly name: string; readonly skip?: boolean; readonly set: (path: string) => void }[] = [
  {
    name: "of another user",
    skip: uid !== 0,
    set: (path) => (mkdirSync(path, { mode: 0o700 }), chownSync(path, otherUid, otherUid)),
  },
  { name: "that others may enter", set: (path) => (mkdirSync(path), chmodSync(path, 0o755)) },
  {
    name: "behind a symbolic link",
    set: (path) => (mkdirSync(`${path}-real`, { mode: 0o700 }), symlinkSync(`${path}-real`, path)),
  },
];

describe.each(traps)("a folder for the socket $name", ({ skip = false, set }) => {
  it.skipIf(skip)("is used neither by the runner, which logs it and runs, nor by a command, which fails", async (test) => {
    const { workspace, tempDir, ownFolder } = await deepWorkspace(test);
    set(ownFolder);
    const env = { TMPDIR: tempDir, XDG_RUNTIME_DIR: "" };
    const tool = workspace.launchWith(["state", "list"], { env });
    expect((await tool.exited).code).toBe(4);
    expect(tool.stderr).toMatch(/^error: [^\n]*statewave-connectors-\d+[^\n]* \[RUNNER_CONTROL_UNSAFE\]\nhint: [^\n]+\n$/);
    const runner = workspace.launchWith(["run"], { env });
    const warning = await runner.logged("tools cannot reach this runner: its control socket cannot be made");
    expect(JSON.stringify(warning)).toContain("RUNNER_CONTROL_UNSAFE");
    await runner.listening();
  });
});

describe("a runner whose state has a path too long for a socket", () => {
  it("listens under $XDG_RUNTIME_DIR, without it under the temp dir, and tools find it in both", async (test) => {
    const { workspace, tempDir, ownFolder } = await deepWorkspace(test);
    const runtimeDir = join(tempDir, "run");
    mkdirSync(runtimeDir, { mode: 0o700 });
    const session = { TMPDIR: tempDir, XDG_RUNTIME_DIR: runtimeDir };
    const runner = workspace.launchWith(["run"], { env: session });
    await runner.listening();
    await until("the socket is there", () => existsSync(join(runtimeDir, "statewave-connectors")));
    const tool = workspace.launchWith(["state", "list"], { env: session });
    expect(await tool.exited).toMatchObject({ code: 0 });
    expect((await runner.terminate()).code).toBe(0);

    const service = workspace.launchWith(["run"], { env: { TMPDIR: tempDir, XDG_RUNTIME_DIR: "" } });
    await service.listening();
    const fromShell = workspace.launchWith(["state", "list"], { env: session });
    expect(await fromShell.exited).toMatchObject({ code: 0 });
    expect(existsSync(ownFolder)).toBe(true);
  });

  it("does not use an $XDG_RUNTIME_DIR that others may enter", async (test) => {
    const { workspace, tempDir } = await deepWorkspace(test);
    const runtimeDir = join(tempDir, "run");
    mkdirSync(runtimeDir);
    chmodSync(runtimeDir, 0o755);
    const env = { TMPDIR: tempDir, XDG_RUNTIME_DIR: runtimeDir };
    const runner = workspace.launchWith(["run"], { env });
    await runner.listening();
    expect(await workspace.launchWith(["state", "list"], { env }).exited).toMatchObject({ code: 0 });
    expect(readdirSync(runtimeDir)).toEqual([]);
  });
});

describe.skipIf(uid !== 0)("a socket beside the state that another user made", () => {
  it("is refused: a tool does not take its answers for the runner's", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: "file:./episodes.jsonl", state: "file" }));
    mkdirSync(workspace.path("state"));
    chmodSync(workspace.path("state"), 0o777);
    const impostor = createServer((_, response) => void response.end(`{"result":[]}\n`)).listen(
      workspace.path("state/runner.sock"),
    );
    test.onTestFinished(() => void impostor.close());
    await once(impostor, "listening");
    chownSync(workspace.path("state/runner.sock"), otherUid, otherUid);
    const { code, stderr } = await workspace.command("state", "list");
    expect(code).toBe(4);
    expect(stderr).toContain(`it belongs to user ${otherUid} [RUNNER_CONTROL_UNSAFE]`);
  });
});
