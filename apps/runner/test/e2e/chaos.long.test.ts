import { mkdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { openPostgresPullCursorStore } from "@statewave-connectors/cursor-store-postgres";
import { openRedisPullCursorStore } from "@statewave-connectors/cursor-store-redis";
import { installAdapter } from "./install-adapter.ts";
import { sharedStores, startStore } from "./several-processes/shared-store.ts";
import { until } from "./until.ts";
import { configName, configText, makeWorkspace, requireDescribed, type Workspace } from "./workspace.ts";

const statewaveUrl = "http://127.0.0.1:9";
const runningMark = "no more disturbances";

interface PrintedReport {
  readonly passed: boolean;
  readonly seed: number;
  readonly disturbances: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  readonly violations: readonly { readonly promise: string; readonly found: string }[];
}

async function trial(workspace: Workspace, ...args: readonly string[]) {
  // What a trial keeps goes with the workspace.
  await mkdir(workspace.path("tmp"), { recursive: true });
  const running = workspace.launch(["chaos", "--json", ...args], { TMPDIR: workspace.path("tmp") });
  const { code } = await running.exited;
  const { stdout, stderr } = running;
  if (stdout === "") throw new Error(`chaos ended with ${code}: ${stderr}`);
  requireDescribed(["chaos", "--json"], stdout);
  return { code, stderr, report: JSON.parse(stdout) as PrintedReport };
}

describe("chaos on files", () => {
  it("passes, counts what it did, and leaves nothing behind", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl }));
    const { code, stderr, report } = await trial(workspace, "--minutes", "0.3", "--seed", "11");
    expect(report.violations).toEqual([]);
    expect({ code, passed: report.passed, seed: report.seed }).toEqual({ code: 0, passed: true, seed: 11 });
    expect(report.disturbances["kills"]).toBeGreaterThan(0);
    expect(report.counts["webhooks_acknowledged"]).toBe(report.counts["webhooks_sent"]);
    expect(report.counts["stored"]).toBeGreaterThanOrEqual(report.counts["webhooks_sent"] ?? 0);
    expect(stderr).toContain("killed the process");
    expect(workspace.list("state")).toEqual([]);
  });

  it("finds a store that forgets checkpoints which it acknowledged, and exits with 1", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl }));
    const broken = new URL("./fixtures/forgetful-cursor-store.ts", import.meta.url);
    await installAdapter(workspace, "cursor-store-file", broken);
    const { code, report } = await trial(workspace, "--minutes", "0.1", "--seed", "12");
    expect({ code, passed: report.passed }).toEqual({ code: 1, passed: false });
    expect(report.violations.map(({ promise }) => promise)).toContain("no cursor goes back");
  });

  it("ends its processes and removes its state after Ctrl-C, which a terminal sends to all of them", async (test) => {
    const workspace = makeWorkspace(test);
    await workspace.write(configName, configText({ statewaveUrl }));
    // The foreground group of a terminal: everything that the command starts.
    const running = workspace.launchWith(["chaos", "--minutes", "10"], { wrapper: ["setsid"] });
    await until("a process was disturbed", () => running.stderr.includes("killed the process"));
    process.kill(-running.pid, "SIGINT");
    expect(await running.exited).toMatchObject({ code: 1, signal: null });
    expect(running.stderr).toMatch(/error: stopped by SIGINT \[RUNNER_STOPPING\]\n$/);
    expect(running.stderr).not.toContain(runningMark);
    expect(workspace.list("state")).toEqual([]);
    expect(() => process.kill(-running.pid, 0)).toThrow("ESRCH");
  });
});

const openers = { postgres: openPostgresPullCursorStore, redis: openRedisPullCursorStore };

describe.each(sharedStores)("chaos on $kind", ({ kind, ...store }) => {
  it("passes beside the rows of the operator, leaves them as they are, and refuses what an earlier trial kept", async (test) => {
    const server = await startStore(test, { kind, ...store });
    const workspace = makeWorkspace(test);
    const text = configText({ statewaveUrl, state: kind });
    await workspace.write(configName, text.replace(`kind = "${kind}"`, `kind = "${kind}"\nurl = "${server.url}"`));
    const own = await openers[kind]({ url: server.url });
    test.onTestFinished(() => own.close());
    const source = { kind: "markdown", name: "docs" };
    await own.set(source, "mine");

    const { code, report } = await trial(workspace, "--minutes", "0.3", "--seed", "13", "--keep");
    expect(report.violations).toEqual([]);
    expect({ code, passed: report.passed }).toEqual({ code: 0, passed: true });
    expect(report.disturbances["store_outages"]).toBeGreaterThan(0);
    expect(report.counts["resumed"]).toBeGreaterThan(0);
    expect(await own.list()).toMatchObject([{ source, cursor: "mine" }]);
    const again = await workspace.command("chaos", "--minutes", "0.1");
    expect({ code: again.code, stderr: again.stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("[CHAOS_PLACE_USED]") as string,
    });
  });
});
