import { expect, it, vi } from "vitest";
import { sharedStores, startStore } from "./several-processes/shared-store.ts";
import { until } from "./until.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld } from "./world.ts";

vi.setConfig({ testTimeout: 180_000 });

const redis = sharedStores.find(({ kind }) => kind === "redis")!;

it("with Redis state and a drain_timeout of a second the runner ends with 0 while Statewave is down", async (test) => {
  const server = await startStore(test, redis);
  const world = await makeWorld(test);
  const text = configText({ statewaveUrl: world.statewave.url, state: "redis" })
    .replace('drain_timeout = "4s"', 'drain_timeout = "1s"')
    .replace('kind = "redis"', `kind = "redis"\nurl = "${server.url}"`);
  await world.workspace.write(configName, text);
  world.statewave.setFaults([{ type: "status", status: 503 }]);
  const runner = await world.workspace.run();
  await world.slack.sendMany(await runner.listening(), 5);
  await until("the sink is known to fail", () => runner.log.some(({ msg }) => msg.startsWith("the sink fails")));
  expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
  expect(await runner.logged("stopped")).toMatchObject({ waiting_events: 5 });
});
