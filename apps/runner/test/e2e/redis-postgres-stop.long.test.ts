import { type ProxyMode, startTcpProxy } from "@statewave-connectors/testing/servers";
import { describe, expect, it, type TestContext } from "vitest";
import { balanced } from "./ledger.ts";
import { type SharedStore, sharedStores, startStore } from "./several-processes/shared-store.ts";
import { until } from "./until.ts";
import { configName, configText } from "./workspace.ts";
import { makeWorld, type World } from "./world.ts";

interface Drain {
  readonly drainTimeout: string;
  /** Default: the fake's. */
  readonly statewaveUrl?: string;
}

async function configure(world: World, { kind }: SharedStore, url: string, { drainTimeout, statewaveUrl }: Drain) {
  const text = configText({ statewaveUrl: statewaveUrl ?? world.statewave.url, state: kind })
    .replace('drain_timeout = "4s"', `drain_timeout = "${drainTimeout}"`)
    .replace(`kind = "${kind}"`, `kind = "${kind}"\nurl = "${url}"`);
  await world.workspace.write(configName, text);
}

/** A runner that has accepted five webhooks which Statewave does not take. */
async function runWithWaitingEvents(world: World) {
  const runner = await world.workspace.run();
  await world.slack.sendMany(await runner.listening(), 5);
  await until("the sink is known to fail", () => runner.log.some(({ msg }) => msg.startsWith("the sink fails")));
  return runner;
}

async function worldWith(test: TestContext, store: SharedStore) {
  return { server: await startStore(test, store), world: await makeWorld(test) };
}

describe.concurrent.each(sharedStores)("with $kind state, SIGTERM while Statewave or the store is unreachable", (store) => {
  const unreachable = "http://127.0.0.1:9";

  it("ends the process with 0 within a drain_timeout of a second", async (test) => {
    const { server, world } = await worldWith(test, store);
    await configure(world, store, server.url, { drainTimeout: "1s", statewaveUrl: unreachable });
    const runner = await runWithWaitingEvents(world);
    expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
    expect(await runner.logged("stopped")).toMatchObject({ waiting_events: 5 });
  });

  it("does not use a long drain_timeout, and the next start delivers what waited", async (test) => {
    const { server, world } = await worldWith(test, store);
    await configure(world, store, server.url, { drainTimeout: "90s" });
    world.statewave.setFaults([{ type: "status", status: 503 }]);
    const runner = await runWithWaitingEvents(world);
    const { code, tookMs } = await runner.terminate();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(45_000);
    world.statewave.setFaults([]);
    const next = await world.workspace.run();
    await world.drained(next);
    expect(world.account()).toEqual(balanced);
  });

  it("does not use a long drain_timeout either when the store fell silent in the middle of a delivery", async (test) => {
    const { server, world } = await worldWith(test, store);
    const proxy = await startTcpProxy(server.url);
    test.onTestFinished(() => proxy.close());
    await configure(world, store, proxy.url, { drainTimeout: "90s" });
    const runner = await world.workspace.run();
    // An event is at Statewave when the store falls silent: that it is delivered cannot be stored any more.
    world.statewave.setFaults([{ type: "latency", latencyMs: 3_000 }]);
    await world.slack.sendMany(await runner.listening(), 5);
    await until("Statewave holds a batch", () => world.statewave.stats().episodesInFlight > 0);
    proxy.setMode("black-hole");
    await until("the event is delivered", () => world.statewave.stats().stored > 0);
    const { code, tookMs } = await runner.terminate();
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(45_000);
    expect(runner.log.some(({ msg }) => msg.startsWith("a store does not answer: what needs it is not waited for"))).toBe(true);
    world.statewave.setFaults([]);
    proxy.setMode("open");
    proxy.cut();
    const next = await world.workspace.run();
    await world.drained(next);
    expect(world.account()).toEqual(balanced);
  });

  it.for<ProxyMode>(["black-hole", "swallow-replies"])(
    "ends the process with 0 although the store no longer answers (%s)",
    async (mode, test) => {
      const { server, world } = await worldWith(test, store);
      const proxy = await startTcpProxy(server.url);
      test.onTestFinished(() => proxy.close());
      await configure(world, store, proxy.url, { drainTimeout: "2s", statewaveUrl: unreachable });
      const runner = await runWithWaitingEvents(world);
      proxy.setMode(mode);
      expect(await runner.terminate()).toMatchObject({ code: 0, signal: null });
      expect(await runner.logged("stopped before everything was closed")).toMatchObject({ level: "warn" });
    },
  );
});
