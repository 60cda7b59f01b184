import { setTimeout as pause } from "node:timers/promises";
import { parseSchedule } from "@statewave-connectors/config";
import { describe, expect, it, vi } from "vitest";
import { balanced } from "../ledger.ts";
import { until } from "../until.ts";
import { noViolations } from "./check-journal.ts";
import { Fleet } from "./fleet.ts";
import { toLeases } from "./journaled-leases.ts";
import { makeNumbersWorld, nameOf, type NumbersWorld } from "./numbers-world.ts";
import { sharedStores, startStore } from "./shared-store.ts";

vi.setConfig({ testTimeout: 180_000 });

const sources = 200;
const intervalMs = 5_000;
const schedule = `every ${intervalMs / 1_000}s`;
/** Fewer than are due in the time that a tick takes: the processes have to share. */
const slots = 3;
const intervals = 3;

/** The dues of all sources after `fromMs` and before `untilMs`, as `name due`. */
function duesBetween(fromMs: number, untilMs: number): readonly string[] {
  return Array.from({ length: sources }, (_, index) => nameOf(index)).flatMap((name) => {
    const grid = parseSchedule(schedule, { timezone: "UTC", key: `numbers/${name}` });
    const firstMs = grid.nextAfterMs(fromMs) ?? untilMs;
    const count = Math.ceil((untilMs - firstMs) / intervalMs);
    return Array.from({ length: count }, (_, index) => `${name} ${firstMs + index * intervalMs}`);
  });
}

function finishedIn(world: NumbersWorld) {
  const finished = toLeases(world.lines).filter(({ release }) => release?.done === true && release.held === true);
  return finished.map(({ source, dueMs, pid, grantedAtMs }) => ({
    due: `${source} ${dueMs}`,
    pid,
    lateMs: grantedAtMs - (dueMs ?? Number.NaN),
  }));
}

/** Dues that the processes say went by with nobody there. */
async function missed(fleet: Fleet): Promise<readonly string[]> {
  const scrapes = await Promise.all(fleet.members.map(({ process }) => process.metrics()));
  const lines = scrapes.flatMap((scrape) => scrape.split("\n"));
  return lines.filter((line) => line.includes('outcome="missed"') && !line.endsWith(" 0"));
}

describe.each(sharedStores)(
  `three processes with ${slots} slots each and ${sources} sources ${schedule} on one $kind`,
  (store) => {
    it("lose no tick, run none twice, and share them", async (test) => {
      const server = await startStore(test, store);
      const world = await makeNumbersWorld(test, { store, url: server.url, sources, schedule, pageMs: 10, slots });
      const fleet = new Fleet(test, { workspace: world.workspace, size: 3 });
      await fleet.start();
      const fromMs = Date.now();
      const untilMs = fromMs + intervals * intervalMs;
      const expected = duesBetween(fromMs, untilMs);
      await pause(untilMs - fromMs);
      await until("every due is finished", () => {
        const finished = new Set(finishedIn(world).map(({ due }) => due));
        return expected.every((due) => finished.has(due));
      });
      expect(await missed(fleet)).toEqual([]);
      const endMs = Date.now();
      await fleet.stop();

      const finished = finishedIn(world);
      expect(new Set(finished.map(({ due }) => due)).size).toBe(finished.length);
      expect(await world.violations(fleet.disturbances, endMs)).toEqual(noViolations);
      expect(world.account(await world.cursors())).toEqual(balanced);
      const shares = fleet.members.map(({ process }) => finished.filter(({ pid }) => pid === process.pid).length);
      const latestMs = Math.max(...finished.map(({ lateMs }) => lateMs));
      console.log(`${store.kind}: ${expected.length} dues, shared ${shares.join(", ")}, claimed at most ${latestMs} ms late`);
      expect(expected.length).toBe(sources * intervals);
      for (const share of shares) expect(share).toBeGreaterThan(finished.length / 10);
    });
  },
);
