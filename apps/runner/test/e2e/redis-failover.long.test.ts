import { hasRedisServer } from "@statewave-connectors/testing/servers";
import { expect, it } from "vitest";
import { balanced } from "./ledger.ts";
import { startWatchedRedis } from "./redis-sentinel.ts";
import { until } from "./until.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld } from "./world.ts";

it.skipIf(!hasRedisServer())(
  "continues on the replica that Redis Sentinel has promoted, and loses and doubles nothing that was replicated",
  async (test) => {
    const redis = await startWatchedRedis(test);
    const world = await makeWorld(test);
    const { workspace, slack, statewave } = world;
    const text = configText({ statewaveUrl: statewave.url, state: "redis" });
    await workspace.write(configName, text.replace('kind = "redis"', `kind = "redis"\nurl = "${redis.url}"`));
    const runner = await workspace.run();
    const url = await runner.listening();
    await slack.sendMany(url, 20);
    await world.writeDocuments(5);
    await world.drained(runner);

    // What waits in the inbox has to be on the other server, too.
    statewave.setFaults([{ type: "status", status: 503 }]);
    await slack.sendMany(url, 20);
    await redis.replicated();
    await redis.failOver();
    statewave.setFaults([]);
    await world.writeDocuments(5);
    await until("webhooks are taken again", async () => {
      await slack.sendMany(url, 2);
      await slack.resend(url);
      return slack.acknowledged.size === slack.declared.length;
    });
    await world.drained(runner);
    expect(world.account()).toEqual(balanced);
    expect((await runner.terminate()).code).toBe(0);
  },
);
