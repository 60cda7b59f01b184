import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, it } from "vitest";
import { type PlannedDisturbance, planDisturbances, type PlanOptions } from "../src/plan-disturbances.ts";

const options = { leaseTtlMs: 4_000, reachesStore: true, longestStepMs: 600_000 };

function firstOf(count: number, seed: number, more: Partial<PlanOptions> = {}): readonly PlannedDisturbance[] {
  const plan = planDisturbances({ ...options, random: seededRandom(seed), ...more });
  return Array.from({ length: count }, () => plan.next().value);
}

describe("the plan of disturbances", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(firstOf(100, 7)).toEqual(firstOf(100, 7));
    expect(firstOf(100, 7)).not.toEqual(firstOf(100, 8));
  });

  it("has each kind among its first six", () => {
    const kinds = firstOf(6, 1).map(({ disturbance }) => disturbance.type);
    expect(kinds.toSorted()).toEqual(["kill", "pause", "sink-fault", "sink-outage", "store-outage", "wrong-clock"]);
  });

  it("leaves the store alone where no proxy can stand in front of it", () => {
    const kinds = firstOf(500, 1, { reachesStore: false }).map(({ disturbance }) => disturbance.type);
    expect(kinds).not.toContain("store-outage");
  });

  it("stops a process for longer than its lease lives", () => {
    const pauses = firstOf(500, 3).flatMap(({ disturbance }) => (disturbance.type === "pause" ? [disturbance.forMs] : []));
    expect(Math.min(...pauses)).toBeGreaterThan(options.leaseTtlMs);
  });

  it("sets no clock further than it may", () => {
    const steps = firstOf(500, 3, { longestStepMs: 4_000 }).flatMap(({ disturbance }) =>
      disturbance.type === "wrong-clock" ? [Math.abs(disturbance.byMs)] : [],
    );
    expect(Math.max(...steps)).toBeLessThanOrEqual(4_000);
  });
});
