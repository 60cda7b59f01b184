import { randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { noViolations, summarize, toLeases } from "@statewave-connectors/chaos/witness";
import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, it } from "vitest";
import { buriedMarkers } from "../buried-markers.ts";
import { balanced } from "../ledger.ts";
import { until, within } from "../until.ts";
import { Fleet } from "./fleet.ts";
import { makeNumbersWorld, type NumbersWorld, shortLease, shortTtlMs } from "./numbers-world.ts";
import { sharedStores, startStore, type StoreServer } from "./shared-store.ts";
import { pageMarker } from "./witness/numbers-connector.ts";

/** More for a soak: `E2E_SECONDS=600 E2E_SEED=… vitest run apps/runner/test/e2e/several-processes/random`. */
const durationMs = Number(process.env["E2E_SECONDS"] ?? 14) * 1_000;
const seed = Number(process.env["E2E_SEED"] ?? randomInt(2 ** 31));
const sources = 50;

/** Kills, pauses longer than a lease, crashes of the store; one process at least is left in peace at any time. */
async function disturb(fleet: Fleet, server: StoreServer, random: () => number, endMs: number): Promise<void> {
  const underWay: Promise<void>[] = [];
  const steps = ["kill", "pause", "kill", "pause", "crash"] as const;
  for (let turn = 0; performance.now() < endMs; turn += 1) {
    // Each kind comes early, also in a short run; then it is left to chance.
    const step = steps[turn < steps.length ? [1, 0, 4][turn % 3]! : Math.floor(random() * steps.length)]!;
    const victim = fleet.healthy[Math.floor(random() * fleet.healthy.length)];
    if (step === "crash") {
      const fromMs = Date.now();
      await within("the store to crash and start again", server.crash());
      fleet.disturbances.outages.push({ fromMs, toMs: Date.now() });
    } else if (victim !== undefined && fleet.healthy.length > 1) {
      underWay.push(step === "kill" ? victim.kill() : victim.pauseFor(shortTtlMs + 1_000 + random() * 3_000));
    }
    await pause(700 + random() * 1_600);
  }
  await within("the last kills and pauses", Promise.all(underWay));
}

/** Webhooks to any process that listens; one that gets no 2xx is sent again later, as its provider would. */
async function sendWebhooks({ slack }: NumbersWorld, fleet: Fleet, random: () => number, isOver: () => boolean): Promise<void> {
  const underWay: Promise<void>[] = [];
  while (!isOver()) {
    const { url } = fleet.members[Math.floor(random() * fleet.members.length)]!;
    if (url !== undefined) underWay.push(slack.sendMany(url, 4));
    await pause(60);
  }
  await Promise.all(underWay);
}

describe.each(sharedStores)("three processes and 50 sources on one $kind, killed, paused, and their store crashing", (store) => {
  it(
    "run no due twice, overlap nowhere, move no cursor when stale, lose nothing, and resume what dead processes left",
    async (test) => {
      console.log(`several processes on ${store.kind}: seed ${seed}, ${durationMs / 1_000} s`);
      const random = seededRandom(seed);
      const server = await startStore(test, store);
      const world = await makeNumbersWorld(test, { store, url: server.url, sources, inbox: "shared" });
      const refused = [pageMarker("n07", 2), pageMarker("n23", 5)];
      world.statewave.setFaults([
        { type: "latency", latencyMs: 80 },
        ...refused.map((marker) => ({ type: "refuse", marker, as: "422" }) as const),
      ]);
      const fleet = new Fleet(test, { workspace: world.workspace, size: 3, ...shortLease });
      await fleet.start();

      let isOver = false;
      const sending = sendWebhooks(world, fleet, seededRandom(seed + 1), () => isOver);
      await disturb(fleet, server, random, performance.now() + durationMs);
      isOver = true;
      await within("the webhooks under way", sending);

      await until("every process is up again", () => fleet.healthy.length === fleet.members.length);
      // A process that has just come back may refuse for a moment, and a provider tries again.
      await until("every webhook is acknowledged", async () => {
        await within("the webhooks that are sent again", world.slack.resend(fleet.healthy[0]?.url ?? ""));
        return world.slack.acknowledged.size === world.slack.declared.length;
      });
      // What was lost last must be resumed as well.
      await pause(shortTtlMs + 2_500);
      await until("every webhook has arrived", () => world.account(new Map()).missing.length === 0);
      const endMs = Date.now();
      await within("the processes to stop", fleet.stop());

      const cursors = await world.cursors();
      const summary = summarize(toLeases(world.lines), fleet.disturbances);
      console.log(`${store.kind}: ${summary.text}`);
      const violations = await world.violations(fleet.disturbances, endMs);
      const buried = await buriedMarkers(world.workspace);
      expect(buried.toSorted()).toEqual(refused);
      expect({ violations, account: world.account(cursors, buried) }, `seed ${seed}`).toEqual({
        violations: noViolations,
        account: balanced,
      });
      expect(world.slack.acknowledged.size).toBe(world.slack.declared.length);
      expect(cursors.size).toBe(sources);
      expect(summary.pauses).toBeGreaterThan(0);
      expect(summary.deaths).toBeGreaterThan(0);
      expect(summary.resumed, "no run was resumed, so nothing was tested").toBeGreaterThan(0);
    },
    durationMs * 2 + 120_000,
  );
});
