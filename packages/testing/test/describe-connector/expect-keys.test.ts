import { expect, test } from "vitest";
import { expectSameKeys, expectSameOrder, few } from "../../src/describe-connector/expect-keys.ts";

const keys = Array.from({ length: 1_000 }, (_, at) => `key ${at}`);

/** What a reader sees of a failure. */
function shown(fail: () => void): string {
  try {
    fail();
  } catch (error) {
    const { message, actual, expected } = error as Error & { actual?: unknown; expected?: unknown };
    return [message, JSON.stringify(actual), JSON.stringify(expected)].join("\n");
  }
  return "";
}

test("a failure shows a few of the keys that differ, and how many there are", () => {
  const failure = shown(() => expectSameKeys(keys.slice(500), keys, "keys of a walk"));
  expect(failure).toContain("key 0");
  expect(failure).toContain("… and 495 more");
  expect(failure.length).toBeLessThan(1_000);
});

test("the same keys in another order, or more than once, are distinguished where the order counts", () => {
  const [first = "", second = "", ...others] = keys;
  expect(shown(() => expectSameKeys([second, first, ...others, first], keys, "keys"))).toBe("");
  expect(shown(() => expectSameOrder([second, first, ...others], keys, "keys"))).toContain("at key 0");
  expect(shown(() => expectSameOrder([...keys, first], keys, "keys"))).toContain("at key 1000");
  expect(shown(() => expectSameOrder(keys, keys, "keys"))).toBe("");
});

test("a short list is shown as it is", () => {
  expect(few([1, 2, 3])).toEqual([1, 2, 3]);
});
