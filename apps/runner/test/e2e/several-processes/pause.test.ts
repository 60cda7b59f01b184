import { describe, expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import { makeWorld } from "../world.ts";
import { sumOf } from "../metric-sum.ts";
import { until } from "../until.ts";
import { configName, configText, makeWorkspace } from "../workspace.ts";
import { Fleet } from "./fleet.ts";
import { sharedStores, startStore } from "./shared-store.ts";

const pull = "pull:markdown/docs";
const push = "push:slack/team";

describe.concurrent.each(sharedStores)("a pause on $kind", (store) => {
  it("holds in every process, whichever machine it comes from, and survives a fail-over", async (test) => {
    const { url } = await startStore(test, store);
    const world = await makeWorld(test);
    const { workspace, statewave, slack } = world;
    const config = configText({ statewaveUrl: statewave.url, state: store.kind }).replace(
      `kind = "${store.kind}"`,
      `kind = "${store.kind}"\nurl = "${url}"`,
    );
    await workspace.write(configName, config);
    // Another machine: no control socket of the fleet's is there.
    const elsewhere = makeWorkspace(test);
    await elsewhere.write(configName, config);
    await elsewhere.write("docs/empty.txt", "");
    const fleet = new Fleet(test, { workspace, size: 2 });
    await fleet.start();
    const pausedDues = async () => {
      const expositions = await Promise.all(fleet.healthy.map(({ process }) => process.metrics()));
      return expositions.map((metrics) => sumOf(metrics, "statewave_runner_pull_dues_total", 'outcome="paused"'));
    };

    const pauses = ["Ana", "Ben"].map((name) => elsewhere.jsonLines("pause", pull, push, "--as", name, "--json"));
    const results = (await Promise.all(pauses)).flat().map(({ result }) => String(result));
    expect(new Set(results)).toEqual(new Set(["already_paused", "paused"]));
    await until("both processes heed it", async () => (await pausedDues()).every((count) => count >= 2));
    await world.writeDocuments(3);
    const [marker = ""] = slack.declare(1);
    for (const { url: memberUrl } of fleet.members) expect(await slack.send(memberUrl ?? "", marker)).toBe(503);

    await fleet.members[0]?.kill();
    await until("the processes heed it after a fail-over", async () => {
      const counts = await pausedDues();
      return counts.length === 2 && counts.every((count) => count >= 2);
    });
    expect(statewave.stats().stored).toBe(0);

    const resumed = await elsewhere.jsonLines("resume", "--all", "--json");
    expect(resumed.map(({ entry, result }) => `${String(entry)} ${String(result)}`)).toEqual([
      `${pull} resumed`,
      `${push} resumed`,
    ]);
    const [first] = fleet.members;
    await until("the receiver accepts", async () => (await slack.send(first?.url ?? "", marker)) === 200);
    await world.drained(first!.process);
    expect(world.account()).toEqual(balanced);
    const actions = await elsewhere.jsonLines("audit", "--json");
    expect(actions.map(({ command, outcome }) => `${String(command)} ${String(outcome)}`).toSorted()).toEqual([
      "pause done",
      "pause done",
      "resume done",
    ]);
    await fleet.stop();
  });
});
