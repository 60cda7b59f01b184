import { expect, test } from "vitest";
import { seededRandom } from "../src/seeded-random.ts";

const draw = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => random());
};

test("gives the same numbers for the same seed, and others for another", () => {
  expect(draw(7, 100)).toEqual(draw(7, 100));
  expect(draw(7, 100)).not.toEqual(draw(8, 100));
});

test("spreads its numbers evenly over 0 to 1", () => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const number of draw(1, 100_000)) tenths[Math.floor(number * 10)]! += 1;
  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});
