import { lateAfterMs, momentMs, noViolations, toLeases } from "@statewave-connectors/chaos/witness";
import { describe, expect, it, type TestContext } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { Fleet, type FleetOptions } from "./fleet.ts";
import { makeNumbersWorld, shortLease, shortTtlMs } from "./numbers-world.ts";
import { type SharedStore, sharedStores, startStore } from "./shared-store.ts";

/** So long the processes have for starting. */
const dueInMs = 25_000;

/** Once a year, the next time in a moment. */
function onceAYear(dueMs: number): string {
  const due = new Date(dueMs);
  const fields = [due.getUTCSeconds(), due.getUTCMinutes(), due.getUTCHours(), due.getUTCDate(), due.getUTCMonth() + 1];
  return `${fields.join(" ")} *`;
}

async function expectTakenOver(test: TestContext, store: SharedStore, ttlMs: number, how: Pick<FleetOptions, "program" | "env">) {
  const server = await startStore(test, store);
  const dueMs = Math.ceil((Date.now() + dueInMs) / 1_000) * 1_000;
  const world = await makeNumbersWorld(test, { store, url: server.url, sources: 1, schedule: onceAYear(dueMs) });
  world.statewave.setFaults([{ type: "hang" }]);
  const fleet = new Fleet(test, { workspace: world.workspace, size: 2, ...how });
  await fleet.start();
  expect(Date.now(), "the processes were not up in time").toBeLessThan(dueMs);

  const read = await until("a page is read", () => world.lines.find(({ step }) => step === "read"));
  const owner = fleet.members.find((member) => member.process.pid === read.pid);
  // One that stays dead: the other has to do it.
  await owner?.killForGood();
  world.statewave.setFaults([]);
  await until("the tick is finished", () => world.lines.some((line) => line.step === "release-answered" && line.done));
  const endMs = Date.now() + ttlMs + momentMs;
  await fleet.stop();

  const [lost, taken] = toLeases(world.lines);
  const diedAtMs = fleet.disturbances.deaths[0]?.atMs ?? 0;
  expect(taken).toMatchObject({ dueMs: lost?.dueMs, release: { done: true, held: true } });
  expect(taken?.pid).not.toBe(lost?.pid);
  expect((taken?.grantedAtMs ?? Infinity) - diedAtMs).toBeLessThan(ttlMs + lateAfterMs);
  expect(world.account(await world.cursors())).toEqual(balanced);
  expect(await world.violations(fleet.disturbances, endMs, ttlMs)).toEqual(noViolations);
}

describe.concurrent.each(sharedStores)("the run of a dead owner on $kind, due once a year", (store) => {
  it("is resumed by another process once the lease has run out", async (test) => {
    await expectTakenOver(test, store, shortTtlMs, shortLease);
  });

  /** With the program and the lease that users have. */
  it.runIf(process.env["E2E_REAL_LEASE"] === "1")("is resumed by the real program", async (test) => {
    await expectTakenOver(test, store, 30_000, {});
  });
});
