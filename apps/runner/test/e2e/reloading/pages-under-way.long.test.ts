import { expect, it } from "vitest";
import { sharedStores, startStore } from "../several-processes/shared-store.ts";
import { until } from "../until.ts";
import { gatedPages } from "./gated-connector.ts";
import { makeGatedWorld, pagesReadBy } from "./gated-world.ts";

it.for(sharedStores)(
  "on $kind a removed source is released at its next page, and another process reads the rest",
  async (store, test) => {
    const server = await startStore(test, store);
    const world = await makeGatedWorld(test, { state: `${store.kind}"\nurl = "${server.url}` });
    await world.allow(1, 2);
    const [one, other] = [await world.workspace.run(), await world.workspace.run()];
    const reader = await world.readerOf(3);
    const [holder, waiting] = reader === one.pid ? [one, other] : [other, one];
    expect(holder.pid).toBe(reader);
    await world.configure(undefined);
    holder.signal("SIGHUP");
    expect(await holder.logged("a change is applied")).toMatchObject({ subject: "pull:gated/pages", result: "removed" });
    await world.allow(3);
    expect(await world.readerOf(4)).toBe(waiting.pid);
    // The former holder must have nothing to do with the rest.
    expect(await holder.terminate()).toMatchObject({ code: 0 });
    await world.allow(4, 5, 6);
    await until("all pages are delivered", async () => (await world.delivered()).length >= gatedPages);
    await waiting.terminate();
    expect(await world.delivered()).toEqual(pagesReadBy("former", 1, gatedPages));
  },
);

it("`reload` does not wait longer than five seconds for a page under way, and says so", async (test) => {
  const world = await makeGatedWorld(test);
  await world.allow(1, 2);
  const runner = await world.workspace.run();
  await world.readerOf(3);
  await world.configure("next");
  expect(await world.workspace.command("reload")).toMatchObject({
    code: 0,
    stdout: "pull:gated/pages: changed, once its run has read the page under way\n2 entries unchanged\n",
  });
  await world.allow(3, 4, 5, 6);
  await runner.logged("the run of a reloaded entry has ended");
  await until("all pages are delivered", async () => (await world.delivered()).length >= gatedPages);
  await runner.terminate();
});
