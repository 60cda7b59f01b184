import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededFaults } from "./seeded-faults.ts";
import { copySource, seedFault, simulateCopy } from "./simulate-copy.ts";

/** A defect shows within 20 seeds today; a change of the source leads to other sequences of events. */
const mostSeeds = 80;
const seedsWithoutFault = 25;
const folder = mkdtempSync(join(tmpdir(), "simulated-source-"));

beforeAll(() => copySource(folder));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  readonly seed: number;
  readonly violations: readonly string[];
}

describe("the simulation", () => {
  test(`finds nothing in the source as it is, within ${seedsWithoutFault} seeds`, async () => {
    const { code, last } = await simulateCopy(folder, seedsWithoutFault);
    expect({ code, ...(JSON.parse(last) as Line) }).toMatchObject({ code: 0, seed: seedsWithoutFault, violations: [] });
  });

  test.each(seededFaults)("finds that $name", async (fault) => {
    const takeOut = seedFault(folder, fault);
    try {
      const { code, last } = await simulateCopy(folder, mostSeeds);
      const { seed, violations } = JSON.parse(last) as Line;
      console.log(`seed ${seed}: ${violations[0] ?? "nothing"}`);
      expect(code).toBe(1);
      expect(violations.join("\n")).toMatch(fault.finding);
    } finally {
      takeOut();
    }
  });
});
