import { describe, expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import type { RunnerProcess } from "../runner-process.ts";
import { until } from "../until.ts";
import { makeWorld, type World } from "../world.ts";
import { checkOutProgram } from "./old-version.ts";
import { sharedStores, startStore } from "./shared-store.ts";

/** The last commit that has no `reload`. */
const earlier = "6962d0401e96578d966dac48feb6727fd1cd098c";

/** Sends webhooks to each of the processes, and writes documents that any of them may read. */
async function feed(world: World, processes: readonly RunnerProcess[]): Promise<void> {
  for (const runner of processes) await world.slack.sendMany(await runner.listening(), 20);
  await world.writeDocuments(10);
}

describe.each(sharedStores)("on $kind a process of the earlier release", (store) => {
  it("works beside a new one, in an update and on the way back", async (test) => {
    const program = checkOutProgram(test, earlier);
    const server = await startStore(test, store);
    const world = await makeWorld(test, { state: `${store.kind}"\nurl = "${server.url}` });
    const { workspace } = world;
    const startOld = async () => {
      const runner = workspace.launch(["run"], {}, program);
      await runner.listening();
      return runner;
    };
    const step = (...processes: readonly RunnerProcess[]) => feed(world, processes);

    const old = await startOld();
    await step(old);
    const first = await workspace.run();
    await step(old, first);
    expect(await old.terminate()).toMatchObject({ code: 0 });
    const second = await workspace.run();
    await step(first, second);
    await world.drained(second);

    const again = await startOld();
    await step(first, again);
    for (const runner of [first, second]) expect(await runner.terminate()).toMatchObject({ code: 0 });
    await step(again);
    await until("the earlier release has read every document", () => world.account().missing.length === 0);
    expect(await again.terminate()).toMatchObject({ code: 0 });

    expect(world.account()).toEqual(balanced);
    expect(world.slack.acknowledged.size).toBe(world.slack.declared.length);
    for (const runner of [old, first, second, again]) expect(runner.log.filter(({ level }) => level === "error")).toEqual([]);
  });
});
