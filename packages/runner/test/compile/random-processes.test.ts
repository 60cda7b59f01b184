import { seededRandom } from "@statewave-connectors/testing/seeded-random";
import { describe, expect, test } from "vitest";
import { compileWorld, type Process } from "./compile-world.ts";
import { settle } from "./settle.ts";

const secondMs = 1_000;
/** Far above `at_most`: most subjects are taken while processes know them to be recorded, which is the hardest case. */
const quietMs = 16 * secondMs;
const atMostMs = 3 * secondMs;
/** A subject changes for some seconds and then never again: a change that is forgotten is not made good by a later one. */
const stepsPerSubject = 40;

/** Three processes deliver to few subjects, stand still, are killed and replaced, while stores and the server answer late. */
async function disturb(seed: number) {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const world = compileWorld({
    quietMs,
    atMostMs,
    leaseTtlMs: 3 * secondMs,
    storeMs: () => (random() < 0.02 ? below(3 * secondMs) : below(20)),
  });
  const { clock, server } = world;
  let started = 0;
  const begin = () => {
    const process = world.start(`process ${(started += 1)}`);
    process.compile();
    return process;
  };
  const live = [begin(), begin(), begin()];
  const unacknowledged = new Set<readonly string[]>();
  const deliver = (process: Process, subjects: readonly string[]) => {
    unacknowledged.add(subjects);
    void process.deliver(...subjects).then(
      () => unacknowledged.delete(subjects),
      () => undefined,
    );
  };
  const pick = () => live[below(live.length)]!;
  const some = (step: number) =>
    Array.from({ length: 1 + below(2) }, () => {
      const place = below(4);
      return `subject-${place}-${Math.floor(step / stepsPerSubject + place / 4)}`;
    });
  for (let step = 0; step < 400; step += 1) {
    const dice = random();
    if (dice < 0.5) deliver(pick(), some(step));
    else if (dice < 0.54) pick().pause();
    else if (dice < 0.6) for (const process of live) process.resume();
    else if (dice < 0.61) {
      const at = below(live.length);
      live[at]!.kill();
      live[at] = begin();
    }
    server.takesMs = random() < 0.05 ? below(2 * secondMs) : below(50);
    await clock.advance(below(400));
  }
  for (const process of live) process.resume();
  await clock.advance(20 * secondMs);
  // What a killed process had not recorded as safe comes again.
  for (const again of unacknowledged) await settle(clock, live[0]!.deliver(...again));
  await clock.advance(120 * secondMs);
  return server;
}

describe("processes that stand still, are killed and replaced", () => {
  test.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    "leave no delivered episode uncompiled, with seed %i",
    async (seed) => {
      const server = await disturb(seed);
      expect(server.calls.length).toBeGreaterThan(40);
      expect(server.uncompiled).toEqual([]);
    },
  );
});
