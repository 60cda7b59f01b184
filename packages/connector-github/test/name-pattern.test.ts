import { expect, test } from "vitest";
import { matchesName } from "../src/name-pattern.ts";

test.each([
  ["*", "", true],
  ["*", "anything", true],
  ["api", "API", true],
  ["api", "apis", false],
  ["api-*", "api-one", true],
  ["api-*", "api", false],
  ["*-api", "my-api-api", true],
  ["a*b*c", "axxbxxbxc", true],
  ["a*b*c", "axxbxx", false],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["**?", "x", true],
  ["?*", "", false],
  ["a.c", "abc", false],
  ["", "", true],
  ["", "a", false],
])("%j matches %j: %j", (pattern, name, matches) => {
  expect(matchesName(pattern, name)).toBe(matches);
});

test("a name of 200 KB against forty stars is decided", () => {
  expect(matchesName(`${"*a".repeat(40)}*b`, "a".repeat(200_000))).toBe(false);
});
