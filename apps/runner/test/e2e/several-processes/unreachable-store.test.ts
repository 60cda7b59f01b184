import { setTimeout as pause } from "node:timers/promises";
import { noViolations } from "@statewave-connectors/chaos/witness";
import { type ProxyMode, startTcpProxy } from "@statewave-connectors/testing/servers";
import { describe, expect, it, type TestContext } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { Fleet } from "./fleet.ts";
import { makeNumbersWorld, shortLease } from "./numbers-world.ts";
import { type SharedStore, sharedStores, startStore } from "./shared-store.ts";

const sources = 10;
/** Longer than a lease, and than the time in which the clients of both stores give up on a command. */
const cutMs = 8_000;

/** Two processes. The first reaches the store through a proxy that fails for a while. */
async function cutOff(test: TestContext, store: SharedStore, mode: ProxyMode) {
  const server = await startStore(test, store);
  const proxy = await startTcpProxy(server.url);
  test.onTestFinished(() => proxy.close());
  const world = await makeNumbersWorld(test, { store, url: server.url, sources, pageMs: 150 });
  world.statewave.setFaults([{ type: "latency", latencyMs: 150 }]);
  const fleet = new Fleet(test, {
    workspace: world.workspace,
    size: 2,
    envOfFirst: { E2E_STORE_URL: proxy.url },
    ...shortLease,
  });
  await fleet.start();
  const first = fleet.members[0]!;
  const hasFinished = (sinceMs: number) =>
    world.lines.some(
      (line) => line.step === "release-answered" && line.pid === first.process.pid && line.held === true && line.atMs > sinceMs,
    );
  await until("the first process finished a tick", () => hasFinished(0));

  // What was read has to be delivered before it is stored: that is requested when no answer comes any more.
  const reads = () => world.lines.filter((line) => line.step === "read" && line.pid === first.process.pid).length;
  const before = reads();
  await until("the first process reads a page", () => reads() > before);
  const cutAtMs = Date.now();
  proxy.setMode(mode);
  await pause(cutMs);
  const healedAtMs = Date.now();
  proxy.setMode("open");
  await until("the first process works again by itself", () => hasFinished(healedAtMs));
  expect(fleet.endedByItself).toEqual([]);
  const endMs = Date.now();
  await fleet.stop();
  return { world, fleet, endMs, cutAtMs, pid: first.process.pid };
}

describe.concurrent.each(sharedStores)("a process whose connections to $kind go dead without a word", (store) => {
  it("ends its runs before others take them over, which they do in time, and works on when the store answers again", async (test) => {
    const { world, fleet, endMs, cutAtMs, pid } = await cutOff(test, store, "black-hole");
    // For the others it is as good as dead. It was not paused, so the checker lets no overlap pass.
    fleet.disturbances.deaths.push({ pid, atMs: cutAtMs });
    expect(await world.violations(fleet.disturbances, endMs)).toEqual(noViolations);
    expect(world.account(await world.cursors())).toEqual(balanced);
  });

  it("does no harm when its requests are carried out and only the answers are lost", async (test) => {
    const { world, fleet, endMs } = await cutOff(test, store, "swallow-replies");
    expect(await world.violations(fleet.disturbances, endMs)).toEqual(noViolations);
    expect(world.account(await world.cursors())).toEqual(balanced);
    const unanswered = world.lines.filter((line) => line.step === "checkpoint-answered" && line.held === undefined);
    expect(unanswered.length, "no answer was lost").toBeGreaterThan(0);
  });
});
