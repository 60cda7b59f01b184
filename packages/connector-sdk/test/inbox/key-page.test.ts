import { expect, test } from "vitest";
import { keySteps, parseKey } from "../../src/inbox/index.ts";
import { toKeyPage } from "../../src/inbox/key-page.ts";

test("a page of letters has at most 1,000, 100 without a limit, and never fewer than none", () => {
  expect(toKeyPage({}).limit).toBe(100);
  expect([3, 3.9, 1_001, Infinity, -1].map((limit) => toKeyPage({ limit }).limit)).toEqual([3, 3, 1_000, 1_000, 0]);
});

test("a page begins behind a key, at the first letter without one, and behind every letter for what was never a key", () => {
  expect(toKeyPage({}).after).toBe(0);
  expect(toKeyPage({ after: "17" }).after).toBe(17);
  expect(toKeyPage({ after: "nonsense" }).after).toBe(Number.MAX_SAFE_INTEGER);
});

test.each(["", "0", "-1", "01", "1.5", "1e3", " 1", "9007199254740993", "x"])("%j is the key of no letter", (key) => {
  expect(parseKey(key)).toBeUndefined();
});

test("letters are moved 50 at a time, without what was never a key", () => {
  const keys = ["x", ...Array.from({ length: 101 }, (_, index) => String(index + 1))];
  expect([...keySteps(keys)].map((step) => [step.length, step[0]])).toEqual([
    [50, 1],
    [50, 51],
    [1, 101],
  ]);
});
