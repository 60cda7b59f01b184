import { describe, expect, it } from "vitest";
import { until } from "./until.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld } from "./world.ts";

const runsOf = (...accounts: readonly Record<string, unknown>[]) => accounts.map(({ outcome }) => outcome);
const rare = (statewaveUrl: string) => configText({ statewaveUrl }).replace('schedule = "every 1s"', 'schedule = "0 0 1 1 *"');

describe.concurrent("the runs of a source", () => {
  it("are kept with their accounts, through the process and without it", async (test) => {
    const world = await makeWorld(test);
    const { workspace } = world;
    await world.writeDocuments(3);
    const runner = await workspace.run();
    await world.drained(runner);
    const running = await until("the accounts are there", async () => {
      const accounts = await workspace.jsonLines("runs", "markdown/docs", "--json");
      return accounts.some(({ delivered }) => delivered === 3) && accounts;
    });
    const account = running.find(({ delivered }) => delivered === 3);
    expect(account).toMatchObject({
      source: "markdown/docs",
      outcome: "done",
      fetched: 3,
      mapped: 3,
      skipped: 0,
      failed: 0,
      buried: 0,
      balanced: true,
      moved_cursor: true,
      process: expect.stringMatching(new RegExp(`:${runner.pid}$`)),
      due: expect.stringMatching(/^20.*Z$/),
    });
    await runner.terminate();
    const stopped = await workspace.jsonLines("runs", "pull:markdown/docs", "--json");
    expect(stopped.find(({ run_id: runId }) => runId === account?.["run_id"])).toEqual(account);
    const { stdout } = await workspace.command("runs", "markdown/docs");
    expect(stdout).toMatch(/^BEGAN +DUE +TOOK +OUTCOME +ACCOUNT\n/);
    expect(stdout).toContain("3 fetched = 3 mapped + 0 skipped + 0 failed; 3 mapped = 3 delivered + 0 buried");
  });

  it("show a killed one as killed, and the one that resumed it", async (test) => {
    const world = await makeWorld(test);
    const { workspace, statewave } = world;
    await world.writeDocuments(2);
    statewave.setFaults([{ type: "hang" }]);
    const first = await workspace.run();
    await until("a run is under way", async () =>
      runsOf(...(await workspace.jsonLines("runs", "markdown/docs", "--json"))).includes("running"),
    );
    await first.kill();
    expect(runsOf(...(await workspace.jsonLines("runs", "markdown/docs", "--json")))[0]).toMatch(/^(killed|running)$/);
    statewave.setFaults([]);
    const second = await workspace.run();
    await world.drained(second);
    await until("the resumed run is recorded", async () => {
      const accounts = await workspace.jsonLines("runs", "markdown/docs", "--json");
      return accounts.some(({ delivered }) => delivered === 2) && runsOf(...accounts).includes("killed");
    });
  });

  it("are kept of a sync without a runner, and of a source that has left the file", async (test) => {
    const world = await makeWorld(test);
    const { workspace, statewave } = world;
    await workspace.write(configName, rare(statewave.url));
    await world.writeDocuments(2);
    expect((await workspace.command("runs", "markdown/docs")).stdout).toBe("no run yet\n");
    await workspace.command("sync", "markdown/docs");
    const [account] = await workspace.jsonLines("runs", "markdown/docs", "--json");
    expect(account).toMatchObject({ outcome: "done", delivered: 2, balanced: true, runs: 1 });
    expect(account).not.toHaveProperty("due");
    await workspace.write(configName, rare(statewave.url).replace('name = "docs"', 'name = "other"'));
    expect(await workspace.jsonLines("runs", "markdown/docs", "--json")).toHaveLength(1);
    const unknown = await workspace.command("runs", "markdown/dosc");
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("[RUNNER_ENTRY_UNKNOWN]") });
  });
});
