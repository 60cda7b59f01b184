import { noViolations, toLeases } from "@statewave-connectors/chaos/witness";
import { describe, expect, it } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { Fleet } from "./fleet.ts";
import { makeNumbersWorld, nameOf, type NumbersWorld } from "./numbers-world.ts";
import { sharedStores, startStore } from "./shared-store.ts";

const sources = 200;
/** So long the processes have for starting. */
const dueInMs = 30_000;
/** Fewer than are due at once: the processes have to share. */
const slots = 3;

/** All sources at one moment, once a year: whatever else the machine does, no due can come before the one before it is finished. */
function onceAYear(dueMs: number): string {
  const due = new Date(dueMs);
  const fields = [due.getUTCSeconds(), due.getUTCMinutes(), due.getUTCHours(), due.getUTCDate(), due.getUTCMonth() + 1];
  return `${fields.join(" ")} *`;
}

function finishedIn(world: NumbersWorld) {
  const finished = toLeases(world.lines).filter(({ release }) => release?.done === true && release.held === true);
  return finished.map(({ source, dueMs, pid }) => ({ due: `${source} ${dueMs}`, pid }));
}

/** Dues that the processes report as gone by without a run. */
async function missed(fleet: Fleet): Promise<readonly string[]> {
  const scrapes = await Promise.all(fleet.members.map(({ process }) => process.metrics()));
  const lines = scrapes.flatMap((scrape) => scrape.split("\n"));
  return lines.filter((line) => line.includes('outcome="missed"') && !line.endsWith(" 0"));
}

describe.each(sharedStores)(
  `three processes with ${slots} slots each and ${sources} sources due at once on one $kind`,
  (store) => {
    it("lose no run, run none twice, and share them", async (test) => {
      const server = await startStore(test, store);
      const dueMs = Math.ceil((Date.now() + dueInMs) / 1_000) * 1_000;
      const schedule = onceAYear(dueMs);
      const world = await makeNumbersWorld(test, { store, url: server.url, sources, schedule, pageMs: 200, slots });
      const fleet = new Fleet(test, { workspace: world.workspace, size: 3 });
      await fleet.start();
      expect(Date.now(), "the processes were not up in time").toBeLessThan(dueMs);
      const expected = new Set(Array.from({ length: sources }, (_, index) => `${nameOf(index)} ${dueMs}`));
      await until("every due is finished", () => {
        const finished = new Set(finishedIn(world).map(({ due }) => due));
        return [...expected].every((due) => finished.has(due));
      });
      expect(await missed(fleet)).toEqual([]);
      const endMs = Date.now();
      await fleet.stop();

      const finished = finishedIn(world);
      expect(finished).toHaveLength(sources);
      expect(new Set(finished.map(({ due }) => due))).toEqual(expected);
      expect(await world.violations(fleet.disturbances, endMs)).toEqual(noViolations);
      expect(world.account(await world.cursors())).toEqual(balanced);
      const shares = fleet.members.map(({ process }) => finished.filter(({ pid }) => pid === process.pid).length);
      console.log(`${store.kind}: ${sources} dues, shared ${shares.join(", ")}`);
      for (const share of shares) expect(share).toBeGreaterThan(0);
    });
  },
);
