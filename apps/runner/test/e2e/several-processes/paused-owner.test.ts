import { setTimeout as pause } from "node:timers/promises";
import { noViolations, successorTimes, toLeases } from "@statewave-connectors/chaos/witness";
import { describe, expect, it, type TestContext } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { Fleet, type Member } from "./fleet.ts";
import { makeNumbersWorld, type NumbersWorld, type NumbersWorldOptions, shortLease, shortTtlMs } from "./numbers-world.ts";
import { type SharedStore, sharedStores, startStore } from "./shared-store.ts";
import { hasStopped, stopVariable } from "./witness/stop-once.ts";

/** Checkpoints that an owner sent after another process had been let in. */
function staleCheckpoints(world: NumbersWorld) {
  const leases = toLeases(world.lines);
  const successors = successorTimes(leases);
  return leases.flatMap((lease, index) => lease.checkpoints.filter(({ sentAtMs }) => sentAtMs > successors[index]!));
}

/** Two processes and one source. The first stops right before a checkpoint, and wakes up when the second has moved the cursor. */
async function wakeStaleOwner(test: TestContext, store: SharedStore, options: Partial<NumbersWorldOptions>) {
  const server = await startStore(test, store);
  const world = await makeNumbersWorld(test, { store, url: server.url, sources: 1, ...options });
  // A run of the second is then nearly always under way, so that there is a lease to be robbed of.
  world.statewave.setFaults([{ type: "latency", latencyMs: 400 }]);
  const fleet = new Fleet(test, { workspace: world.workspace, size: 2, ...shortLease, envOfFirst: { [stopVariable]: "1" } });
  await fleet.start();
  const [owner, other] = fleet.members as [Member, Member];
  await until("the owner stops", () => hasStopped(world.workspace.folder));
  const { resume } = owner.pause();
  const stopped = Date.now();
  await until("the other moves the cursor", () =>
    world.lines.some(
      ({ step, pid, atMs }) => step === "checkpoint-answered" && pid === other.process.pid && atMs > stopped + shortTtlMs,
    ),
  );
  const resumedAtMs = Date.now();
  resume();
  await until("the owner's checkpoint is answered", () => {
    // Stopped from outside in the moment before it stops itself, it does so only now: it has to be woken again.
    owner.process.signal("SIGCONT");
    return world.lines.some(
      ({ step, pid, atMs }) => step === "checkpoint-answered" && pid === owner.process.pid && atMs >= resumedAtMs,
    );
  });
  await pause(1_500);
  const endMs = Date.now();
  await fleet.stop();
  expect(staleCheckpoints(world).length, "the owner woke up before its successor was let in").toBeGreaterThan(0);
  return { account: world.account(await world.cursors()), violations: await world.violations(fleet.disturbances, endMs) };
}

describe.concurrent.each(sharedStores)("an owner on $kind that was paused beyond its lease and wakes up", (store) => {
  it("cannot move the cursor, which its successor has moved on", async (test) => {
    expect(await wakeStaleOwner(test, store, {})).toEqual({ violations: noViolations, account: balanced });
  });

  it("is found out when the store ignores the epoch of a checkpoint, so this test can fail", async (test) => {
    const { violations } = await wakeStaleOwner(test, store, { sabotage: "blind-checkpoints" });
    expect(violations.movedByStaleOwner.length).toBeGreaterThan(0);
    expect(violations.cursorsWentBack.length).toBeGreaterThan(0);
  });
});
