import { expect, it } from "vitest";
import { mountFreezingDisk } from "./frozen-disk.ts";
import { balanced } from "./ledger.ts";
import { until } from "./until.ts";
import { makeWorld } from "./world.ts";

it("answers 503 while the writes of its disk hang, stays alive, resumes when they get through, and loses nothing", async (test) => {
  const world = await makeWorld(test);
  const { workspace, slack } = world;
  const disk = mountFreezingDisk(workspace, test);
  if (typeof disk === "string") return test.skip(disk);
  const runner = await workspace.run();
  const url = await runner.listening();
  await slack.sendMany(url, 20);
  await world.drained(runner);

  disk.freeze();
  await world.writeDocuments(5);
  const before = slack.acknowledged.size;
  await until("a webhook is refused", async () => {
    await slack.sendMany(url, 2);
    return slack.lastRefusal;
  });
  expect(slack.lastRefusal?.status).toBe(503);
  expect(slack.lastRefusal?.headers.get("retry-after")).toMatch(/^\d+$/);
  expect(slack.acknowledged.size).toBe(before);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  await until("it is not ready for webhooks", async () => (await fetch(`${url}/readyz`)).status === 503);

  disk.thaw();
  await until("webhooks are taken again", async () => {
    await slack.resend(url);
    return slack.acknowledged.size === slack.declared.length;
  });
  await until("it is ready again", async () => (await fetch(`${url}/readyz`)).status === 200);
  await world.drained(runner);
  expect(world.account()).toEqual(balanced);
  expect((await runner.terminate()).code).toBe(0);
});
