import { describe, expect, it } from "vitest";
import { sharedStores, startStore } from "../several-processes/shared-store.ts";
import { until } from "../until.ts";
import { allOf, makeBackfillWorld } from "./backfill-world.ts";

describe.each(sharedStores)("a backfill on $kind", (store) => {
  it("is resumed by another process when its process is killed, and delivers each item once", async (test) => {
    const { url } = await startStore(test, store);
    const state = `kind = "${store.kind}"\nurl = "${url}"`;
    const world = await makeBackfillWorld(test, { state, pageMs: 20 });
    const { workspace } = world;
    await workspace.command("state", "set", "--yes", "ranged/all", "41");
    const args = [...world.range(300), "--rate", "12", "--yes"];
    // Without a runner the command runs it itself.
    const command = workspace.launch(args);
    await until("it has begun", () => world.items.length > 20);
    const twice = await workspace.command(...args);
    expect(twice).toMatchObject({ code: 1, stderr: expect.stringContaining("[PULL_BACKFILL_RUNNING]") });
    await command.kill();
    const runners = await Promise.all([workspace.run(), workspace.run()]);
    await until("everything is delivered", () => world.items.length === 300);
    await until("it is done", async () => (await world.backfills())[0]?.["status"] === "done");
    expect(world.items).toEqual(allOf(300));
    expect((await workspace.command("state", "get", "ranged/all")).stdout).toBe("41\n");
    for (const runner of runners) expect(await runner.terminate()).toMatchObject({ code: 0 });
  });

  it("is cancelled from another process within seconds", async (test) => {
    const { url } = await startStore(test, store);
    const world = await makeBackfillWorld(test, { state: `kind = "${store.kind}"\nurl = "${url}"` });
    const { workspace } = world;
    const command = workspace.launch([...world.range(5_000), "--rate", "20", "--yes"]);
    await until("it has begun", () => world.items.length > 20);
    const [listed] = await world.backfills();
    expect(await workspace.command("backfill", "cancel", String(listed?.["id"]), "--yes")).toMatchObject({ code: 0 });
    expect(await command.exited).toMatchObject({ code: 1 });
    expect(command.stderr).toContain("[PULL_BACKFILL_CANCELLED]");
  });
});
