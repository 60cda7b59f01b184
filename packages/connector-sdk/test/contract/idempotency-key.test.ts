import { expect, test } from "vitest";
import { idempotencyKey } from "../../src/index.ts";

test.each([
  [["github", "acme", "widgets", "issue", 42, "github.issue.opened"], "feff3f8dbc73dd894a09bf52491adf52"],
  [["slack", "T1", "C1", "1700000000.000100", "slack.message.posted"], "5eff149643e0466f9ebfe6fa9c61a782"],
])("gives the published key for %j", (parts, key) => {
  expect(idempotencyKey(...parts)).toBe(key);
});

test("counts null and undefined as the empty string", () => {
  expect(idempotencyKey("a", null, "b")).toBe(idempotencyKey("a", "", "b"));
  expect(idempotencyKey("a", undefined, "b")).toBe(idempotencyKey("a", "", "b"));
});

test("distinguishes keys that differ in one part", () => {
  expect(idempotencyKey("a", 1)).not.toBe(idempotencyKey("a", 2));
});
