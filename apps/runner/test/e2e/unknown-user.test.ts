import { spawnSync } from "node:child_process";
import { chownSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { configName, configText, makeWorkspace } from "./workspace.ts";

/** A user that no passwd file knows, as containers have them. */
const uid = 54_321;
const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const withoutHome = ["env", "-u", "HOME", "-u", "XDG_CACHE_HOME", "-u", "XDG_CONFIG_HOME", "-u", "XDG_RUNTIME_DIR"];

/** Only root can start a process of another user, who must be able to read the program. */
const canRead =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, ["-e", "fs.accessSync(process.argv[1])", main], { uid, gid: uid }).status === 0;

describe.skipIf(!canRead)("a user without a passwd entry and without HOME", () => {
  it("runs the program, also when the path of the state is too long for a socket", async (test) => {
    const workspace = makeWorkspace(test);
    const text = configText({ statewaveUrl: "file:./episodes.jsonl" });
    await workspace.write(configName, text.replace("./state", `./${"deep/".repeat(20)}state`));
    await workspace.write("docs/note.md", "# Note");
    chownSync(workspace.folder, uid, uid);
    const options = { uid, wrapper: withoutHome };
    const runner = workspace.launchWith(["run"], options);
    await runner.listening();
    expect(await workspace.launchWith(["state", "list"], options).exited).toMatchObject({ code: 0 });
    expect((await runner.terminate()).code).toBe(0);
  });

  it("runs every command without any variable of the environment", async (test) => {
    const workspace = makeWorkspace(test);
    const text = configText({ statewaveUrl: "file:./episodes.jsonl" });
    await workspace.write(configName, text.replace("./state", `./${"long-name/".repeat(9)}state`));
    await workspace.write("docs/note.md", "# Note");
    chownSync(workspace.folder, uid, uid);
    const options = { uid, wrapper: ["env", "-i"] };
    for (const args of [["validate-config"], ["doctor"], ["sync", "markdown/docs"], ["dead-letters", "list"]])
      expect({ args, ...(await workspace.launchWith(args, options).exited) }).toMatchObject({ args, code: 0 });
    const runner = workspace.launchWith(["run"], options);
    await runner.listening();
    expect((await runner.terminate()).code).toBe(0);
  });

  it("reads in the error which places were searched for the configuration", () => {
    const script = ["env", "-i", process.execPath, "--conditions=@statewave-connectors/source", main, "validate-config"];
    const { status, stderr } = spawnSync(script[0]!, script.slice(1), { uid, gid: uid, cwd: "/", encoding: "utf8" });
    expect(status).toBe(3);
    expect(stderr).toMatch(/^error: [^\n]*working directory[^\n]* \[CONFIG_NOT_FOUND\]\nhint: [^\n]+\n$/);
  });
});
