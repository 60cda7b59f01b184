import { describe, expect, it, vi } from "vitest";
import { configName, configText, makeWorkspace } from "./workspace.ts";

vi.setConfig({ testTimeout: 120_000 });

describe.concurrent.each(["SIGHUP", "SIGUSR1", "SIGUSR2"] as const)("%s", (signal) => {
  it("does not end the runner, opens no debugger, and SIGTERM still drains it", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl: "file:./episodes.jsonl" }));
    const runner = await workspace.run();
    runner.signal(signal);
    expect(await runner.logged("signal ignored")).toMatchObject({ level: "info", signal });
    expect((await runner.readiness()).status).toBe(200);
    expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
    expect(runner.stderr).not.toContain("Debugger listening");
  });
});
