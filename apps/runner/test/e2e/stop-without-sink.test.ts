import { describe, expect, it } from "vitest";
import { balanced } from "./ledger.ts";
import { until } from "./until.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

/** Far longer than a stop should take: one that waits for it fails, however slow the machine is. */
const longDrain = (world: World, state = "file") =>
  world.workspace.write(
    configName,
    configText({ statewaveUrl: world.statewave.url, state }).replace('drain_timeout = "4s"', 'drain_timeout = "90s"'),
  );
const wellBelowDrainMs = 45_000;

const refusals = [
  {
    how: "is down",
    faults: [{ type: "status", status: 503 }],
    status: "failing",
    noticed: "the sink fails; trying again until it works",
  },
  {
    how: "refuses the key",
    faults: [{ type: "status", status: 401 }],
    status: "stopped",
    noticed: "the sink refuses everything: nothing is delivered until its configuration is changed",
  },
  {
    how: "requests a pause of an hour",
    faults: [{ type: "status", status: 429, headers: { "retry-after": "3600" } }],
    status: "limited",
    noticed: "the sink requests a pause",
  },
] as const;

describe.concurrent.each(refusals)("a stop while Statewave $how", ({ faults, status, noticed }) => {
  it("does not wait for it, logs the number of waiting events, and loses nothing", async (test) => {
    const world = await makeWorld(test);
    await longDrain(world);
    world.statewave.setFaults([...faults] as never);
    await world.writeDocuments(3);
    const runner = await world.workspace.run();
    await until("the sink is known to take nothing", () => runner.log.some(({ msg }) => msg === noticed));
    await world.slack.sendMany(await runner.listening(), 8);
    const { code, tookMs } = await runner.terminate();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(wellBelowDrainMs);
    expect(
      await runner.logged("the sink takes nothing: not waiting for it, the rest is delivered after the next start"),
    ).toMatchObject({
      level: "warn",
      status,
    });
    expect(await runner.logged("stopped")).toMatchObject({
      waiting_events: 8,
      unfinished_sources: 1,
      sources: ["markdown/docs"],
    });
    world.statewave.setFaults([]);
    const next = await world.workspace.run();
    await world.drained(next);
    expect(world.account()).toEqual(balanced);
  });
});

describe.concurrent("a stop with a memory inbox while Statewave is down", () => {
  it("uses the drain time, because waiting events would be lost, and logs it", async (test) => {
    const world = await makeWorld(test, { state: "memory" });
    world.statewave.setFaults([{ type: "status", status: 503 }]);
    const runner = await world.workspace.run();
    await world.slack.sendMany(await runner.listening(), 4);
    await until("the sink is known to take nothing", async () => (await runner.metrics()).includes("statewave_runner_sink_up 0"));
    runner.signal("SIGTERM");
    await runner.logged("the sink takes nothing: waiting for it, because the inbox is in memory");
    world.statewave.setFaults([]);
    expect((await runner.exited).code).toBe(0);
    expect(await runner.logged("stopped")).toMatchObject({ drained: true, waiting_events: 0 });
    expect(world.account()).toEqual(balanced);
  });
});
