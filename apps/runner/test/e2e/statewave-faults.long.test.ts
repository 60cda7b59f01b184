import { once } from "node:events";
import { createServer } from "node:net";
import { type Fault, startFakeStatewave } from "@statewave-connectors/testing/fake-statewave";
import { describe, expect, it } from "vitest";
import { balanced } from "./ledger.ts";
import { sumOf } from "./metric-sum.ts";
import { until } from "./until.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

const outages: readonly { readonly title: string; readonly fault: Fault; readonly ends?: boolean }[] = [
  // First, because it takes longest: each request is given up after 30 s.
  { title: "Statewave takes requests and never answers", fault: { type: "hang", times: 2 }, ends: true },
  { title: "Statewave answers 503", fault: { type: "status", status: 503 } },
  { title: "Statewave answers 500 to everything", fault: { type: "status", status: 500 } },
  { title: "a proxy answers 502 with a page", fault: { type: "status", status: 502, body: "<html>Bad Gateway</html>" } },
  { title: "Statewave answers 429 with Retry-After", fault: { type: "status", status: 429, headers: { "retry-after": "1" } } },
  { title: "connections are reset", fault: { type: "reset" } },
  { title: "replies are lost after storing", fault: { type: "lost_reply" } },
  { title: "replies break off after storing", fault: { type: "cut_body", times: 3 }, ends: true },
];

/** Webhooks and documents, all of them taken whatever Statewave does. */
async function takeLoad(world: World, url: string): Promise<void> {
  await world.writeDocuments(30);
  await world.slack.sendMany(url, 30);
  expect(world.slack.acknowledged.size).toBe(world.slack.declared.length);
}

// Side by side: most of the time is spent waiting.
describe.concurrent("faults of Statewave", () => {
  describe("an outage of Statewave loses nothing and ends nothing", () => {
    it.for(outages)("$title", async ({ fault, ends = false }, test) => {
      const world = await makeWorld(test);
      world.statewave.setFaults([fault]);
      const runner = await world.workspace.run();
      await takeLoad(world, await runner.listening());
      // The first request is the look at the start.
      await until("the fault was met more than once", () => world.statewave.stats().requests >= 3);
      expect((await runner.readiness()).status).toBe(200);
      if (!ends) world.statewave.setFaults([]);
      await world.drained(runner);
      expect(world.account()).toEqual(balanced);
      expect((await runner.terminate()).code).toBe(0);
    });

    it(
      "a Statewave that never answers is reported while the first batch is still waited for",
      { timeout: 240_000 },
      async (test) => {
        const world = await makeWorld(test);
        world.statewave.setFaults([{ type: "hang" }]);
        const runner = await world.workspace.run();
        await takeLoad(world, await runner.listening());
        const sink = await until("/readyz says that the sink fails", async () => {
          const part = (await runner.readiness()).body["sink"] as { readonly status: string; readonly detail: string };
          return part.status === "degraded" && part;
        });
        // The batch itself is given up after 30 s, for another reason.
        expect(sink.detail).toContain("no answer yet to the batch under way");
        expect(sumOf(await runner.metrics(), "statewave_runner_sink_up")).toBe(0);
        await runner.logged("the sink fails; trying again until it works");
        world.statewave.setFaults([]);
        await world.drained(runner);
        expect(world.account()).toEqual(balanced);
        expect(world.statewave.stats().duplicates).toBe(0);
      },
    );

    it("Statewave is not there at first and comes later", async (test) => {
      const world = await makeWorld(test);
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      await world.workspace.write(configName, configText({ statewaveUrl: url }));
      const runner = await world.workspace.run();
      await takeLoad(world, await runner.listening());
      await runner.logged("the sink fails; trying again until it works");
      const { status, body } = await runner.readiness();
      expect(status).toBe(200);
      expect(JSON.stringify(body["sink"])).toContain("ECONNREFUSED");
      const late = await startFakeStatewave({ port });
      test.onTestFinished(() => late.close());
      await until("everything is there", () => late.stats().stored === world.owed.size);
    });
  });

  describe("a Statewave that refuses the configuration", () => {
    it.for([401, 403, 404])("%i stops delivery, not the receivers: /readyz stays 200 and says why", async (status, test) => {
      const world = await makeWorld(test);
      world.statewave.setFaults([{ type: "status", status }]);
      const runner = await world.workspace.run();
      await takeLoad(world, await runner.listening());
      await runner.logged("the sink refuses everything: nothing is delivered until its configuration is changed");
      await takeLoad(world, await runner.listening());
      const { status: readiness, body } = await runner.readiness();
      expect(readiness).toBe(200);
      expect(body["sink"]).toMatchObject({ status: "degraded", detail: expect.stringContaining("is stopped") });
      expect((await runner.terminate()).code).toBe(0);
      expect(world.statewave.episodes).toHaveLength(0);
      world.statewave.setFaults([]);
      await world.drained(await world.workspace.run());
      expect(world.account()).toEqual(balanced);
    });
  });

  describe("poisoned episodes", () => {
    const poisoned = ["mark:slack-000004", "mark:doc-000011"];
    const refusals = poisoned.map((marker): Fault => ({ type: "refuse", marker, as: "422" }));

    it("are buried where the command line shows them, the rest is delivered, and a retry after the cause is gone delivers them", async (test) => {
      const world = await makeWorld(test);
      world.statewave.setFaults(refusals);
      const runner = await world.workspace.run();
      await takeLoad(world, await runner.listening());
      await world.drained(runner);
      const letters = await world.workspace.jsonLines("dead-letters", "list", "--json");
      expect(letters.map(({ source, type }) => ({ source, type }))).toEqual(
        expect.arrayContaining([
          { source: "slack/team", type: "episode" },
          { source: "markdown/docs", type: "episode" },
        ]),
      );
      const buried = await world.buried();
      expect(buried.toSorted()).toEqual(poisoned.toSorted());
      expect(world.account(buried)).toEqual(balanced);

      world.statewave.setFaults([]);
      const retried = await world.workspace.command("dead-letters", "retry", "--all", "--yes");
      expect(retried).toMatchObject({ code: 0, stdout: "2 put back into the queue\n" });
      await until("the retried episodes arrive", () => world.statewave.episodes.length === world.owed.size);
      expect(world.account()).toEqual(balanced);
      expect(await world.workspace.jsonLines("dead-letters", "list", "--json")).toEqual([]);
    });

    it("are shown, and can be retried, while no runner runs", async (test) => {
      const world = await makeWorld(test);
      world.statewave.setFaults(refusals);
      const first = await world.workspace.run();
      await takeLoad(world, await first.listening());
      await world.drained(first);
      expect((await first.terminate()).code).toBe(0);

      const buried = await world.buried();
      expect(world.account(buried)).toEqual(balanced);
      world.statewave.setFaults([]);
      expect((await world.workspace.command("dead-letters", "retry", "--all", "--yes")).stdout).toBe(
        "2 put back into the queue\n",
      );
      await world.drained(await world.workspace.run());
      expect(world.account()).toEqual(balanced);
    });
  });

  describe("a page that failed", () => {
    /** The documents that the cursor has passed. Their fingerprints may still change: a file that was just written has none yet. */
    const passed = async (world: World) => {
      const { stdout } = await world.workspace.command("state", "get", "markdown/docs");
      if (stdout === "") return [];
      const { files } = JSON.parse(stdout) as { readonly files: readonly (readonly [path: string, ...unknown[]])[] };
      return files.map(([path]) => path);
    };

    it("never moves the cursor", async (test) => {
      const world = await makeWorld(test);
      await world.writeDocuments(20);
      const runner = await world.workspace.run();
      await world.drained(runner);
      const before = await until("the first documents are checkpointed", async () => {
        const paths = await passed(world);
        return paths.length === 20 && paths;
      });

      world.statewave.setFaults([{ type: "status", status: 503 }]);
      const asked = world.statewave.stats().requests;
      await world.writeDocuments(20);
      await until("the next page was tried more than once", () => world.statewave.stats().requests >= asked + 2);
      expect(await passed(world)).toEqual(before);
      await runner.kill();
      expect(await passed(world)).toEqual(before);

      world.statewave.setFaults([]);
      const survivor = await world.workspace.run();
      await world.drained(survivor);
      expect(world.account()).toEqual(balanced);
      await until("the cursor has moved", async () => (await passed(world)).length === 40);
    });
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return address.port;
}
