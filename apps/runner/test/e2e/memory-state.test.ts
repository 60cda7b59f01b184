import { expect, it } from "vitest";
import { balanced } from "./ledger.ts";
import { until } from "./until.ts";
import { makeWorld } from "./world.ts";

it("delivers everything that the memory inbox holds before SIGTERM ends the process", async (test) => {
  const world = await makeWorld(test, { state: "memory" });
  world.statewave.setFaults([{ type: "latency", latencyMs: 50 }]);
  const runner = await world.workspace.run();
  await world.slack.sendMany(await runner.listening(), 600, 32);
  expect(await runner.terminate()).toMatchObject({ code: 0 });
  expect(world.slack.acknowledged.size).toBe(600);
  expect(world.account()).toEqual(balanced);
});

it("says how many accepted webhooks are lost when Statewave does not take them before the drain ends", async (test) => {
  const world = await makeWorld(test, { state: "memory" });
  world.statewave.setFaults([{ type: "hang" }]);
  const runner = await world.workspace.run();
  await world.slack.sendMany(await runner.listening(), 30);
  expect(await runner.terminate()).toMatchObject({ code: 0 });
  expect(await runner.logged("accepted webhooks are lost with the memory inbox")).toMatchObject({ level: "error", events: 30 });
});

it("says at start that the memory state loses what it holds in a crash", async (test) => {
  const world = await makeWorld(test, { state: "memory" });
  const runner = await world.workspace.run();
  const warning = await until("it warns", () => runner.log.find(({ level, msg }) => level === "warn" && /memory/.test(msg)));
  expect(warning.msg).toContain("a crash loses what it holds");
  await until("its banner says so", () =>
    runner.stdout.includes("state: memory, cursors are held in memory, lost when this process ends"),
  );
});
