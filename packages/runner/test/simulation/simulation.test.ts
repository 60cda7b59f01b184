import { expect, test } from "vitest";
import { runSimulation } from "./run-simulation.ts";

/** More: `SIMULATION_SEEDS=500 npm test -- packages/runner/test/simulation/simulation`. */
const seeds = Number(process.env["SIMULATION_SEEDS"] ?? 2);

test(`keeps every promise through killed and stopped processes, lost messages and outages, in ${seeds} simulations`, async () => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { violations, counts } = await runSimulation(seed);
    expect(violations, `seed ${seed}`).toEqual([]);
    expect(counts.kills + counts.stops, `seed ${seed}`).toBeGreaterThan(0);
    expect(counts.acknowledged, `seed ${seed}`).toBeGreaterThan(0);
  }
});

test("is the same sequence of events for the same seed", async () => {
  const [one, again, other] = [await runSimulation(7), await runSimulation(7), await runSimulation(8)];
  expect(again).toEqual(one);
  expect(other.fingerprint).not.toBe(one.fingerprint);
});
