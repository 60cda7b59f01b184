import { hasRedisServer, startRedisServer } from "@statewave-connectors/testing/servers";
import { expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { Fleet } from "./fleet.ts";
import { makeNumbersWorld, shortLease } from "./numbers-world.ts";
import { sharedStores } from "./shared-store.ts";

const redis = sharedStores.find(({ kind }) => kind === "redis")!;

it.skipIf(!hasRedisServer())(
  "answers 503 with Retry-After while Redis is down, says so in /readyz, and takes webhooks again by itself when it is back",
  async (test) => {
    const server = await startRedisServer();
    test.onTestFinished(() => server.stop());
    const world = await makeNumbersWorld(test, { store: redis, url: server.url, sources: 3, inbox: "shared" });
    const fleet = new Fleet(test, { workspace: world.workspace, size: 1, ...shortLease });
    await fleet.start();
    const [member] = fleet.members;
    const url = await member!.process.listening();
    await world.slack.sendMany(url, 20);
    expect(world.slack.acknowledged.size).toBe(20);

    await server.kill();
    for (const marker of world.slack.declare(5)) {
      expect(await world.slack.send(url, marker)).toBe(503);
      expect(world.slack.lastRefusal?.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    }
    const parts = async () => (await member!.process.readiness()).body as Readonly<Record<string, { status: string }>>;
    await until("/readyz tells of the outage", async () => (await parts())["store"]?.status === "degraded");
    await until("/readyz tells of the outage", async () => (await parts())["inbox"]?.status === "down");
    await server.start();
    await until("/readyz tells that it is over", async () => (await parts())["store"]?.status === "ok");
    await until("webhooks are taken again", async () => {
      await world.slack.resend(url);
      return world.slack.acknowledged.size === world.slack.declared.length;
    });
    const cursors = await world.cursors();
    await until("sources go on", async () => [...(await world.cursors())].some(([name, now]) => now !== cursors.get(name)));
    await until("every webhook has arrived", () => world.account(new Map()).missing.length === 0);
    expect(fleet.endedByItself).toEqual([]);
    await fleet.stop();
    expect(world.account(await world.cursors())).toEqual(balanced);
  },
);
