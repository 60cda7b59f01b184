import { expect, test } from "vitest";
import { withoutTrailingSlashes } from "../../src/options/index.ts";

test.each([
  ["https://a/", "https://a"],
  ["https://a/b//", "https://a/b"],
  ["///", ""],
  ["", ""],
])("%j without the slashes at its end is %j", (url, bare) => {
  expect(withoutTrailingSlashes(url)).toBe(bare);
});

test("a megabyte of slashes before a letter stays", () => {
  const url = `${"/".repeat(1_000_000)}x`;
  expect(withoutTrailingSlashes(url)).toBe(url);
});
