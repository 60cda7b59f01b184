import { symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { configName, configText, makeWorkspace } from "./workspace.ts";

const signalAtLoad = fileURLToPath(new URL("signal-at-load.ts", import.meta.url));
const mains = ["../../src/main.ts", "../../../../packages/cli/src/main.ts"];

describe.concurrent.each([
  ["SIGHUP", "configuration reloaded"],
  ["SIGUSR1", "signal ignored"],
  ["SIGUSR2", "signal ignored"],
] as const)("%s", (signal, answer) => {
  it.for(mains)("while %s loads the program is handled as soon as the runner runs", async (main, test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: "file:./episodes.jsonl" }));
    // The command line alone finds connectors beside the configuration.
    symlinkSync(fileURLToPath(new URL("../../node_modules", import.meta.url)), workspace.path("node_modules"));
    const node = [process.execPath, "--conditions=@statewave-connectors/source", "--import", signalAtLoad];
    const runner = workspace.launchWith(["run"], {
      command: [...node, fileURLToPath(new URL(main, import.meta.url))],
      env: { SIGNAL_AT_LOAD: signal },
    });
    await runner.listening();
    expect(await runner.logged(answer)).toMatchObject({ level: "info" });
    expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
    expect(runner.stderr).not.toContain("Debugger listening");
  });

  it("does not end the runner, opens no debugger, and SIGTERM still drains it", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: "file:./episodes.jsonl" }));
    const runner = await workspace.run();
    runner.signal(signal);
    expect(await runner.logged(answer)).toMatchObject({ level: "info" });
    expect((await runner.readiness()).status).toBe(200);
    expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
    expect(runner.stderr).not.toContain("Debugger listening");
  });
});
