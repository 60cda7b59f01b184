import { onTestFailed } from "vitest";

/** Random numbers in [0, 1) that a seed repeats. The seed is `TEST_SEED` or new, and is printed when the test fails. */
export function seededRandom(): () => number {
  const seed = Number(process.env["TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  onTestFailed(() => console.error(`TEST_SEED=${seed}`));
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
