import { expect, test } from "vitest";
import { boundValue } from "../src/bound-value.ts";

const bounds = { textCharacters: 100, totalCharacters: 5_000 };
const sizeOf = (value: unknown) => JSON.stringify(boundValue(value, bounds)).length;

test("a small value stays as it is", () => {
  const value = { list: [1, true, null, "text"], empty: {}, inner: { key: "value" } };
  expect(boundValue(value, bounds)).toEqual({ value, omitted: {} });
});

test("a long text is cut, with its length", () => {
  const { value } = boundValue({ text: "x".repeat(5_000) }, bounds);
  expect(value).toEqual({ text: `${"x".repeat(100)}… [cut: 5000 characters]` });
});

test("items that do not fit are left out from the end and counted", () => {
  const { value, omitted } = boundValue({ list: Array.from({ length: 1_000 }, (_, at) => `item ${at}`) }, bounds);
  const { list } = value as { list: readonly string[] };
  expect(list[0]).toBe("item 0");
  expect(list.length).toBeGreaterThan(100);
  expect(omitted).toEqual({ list: 1_000 - list.length });
});

test.each([
  ["twenty thousand keys", Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`key ${at}`, at]))],
  ["long keys", Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`${at}${"k".repeat(100_000)}`, at]))],
  ["a thousand levels", Array.from({ length: 1_000 }).reduce((inner: unknown) => [inner], "deep")],
  ["empty lists", Array.from({ length: 100_000 }, () => [])],
  ["characters that JSON escapes", Array.from({ length: 1_000 }, () => '"\\\n\u0000'.repeat(1_000))],
  ["half a pair at the cut", "\u{1f600}".repeat(100_000)],
] as const)("the answer is bounded: %s", (_, value) => {
  expect(sizeOf(value)).toBeLessThan(10_000);
});
