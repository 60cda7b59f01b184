import { expect, test } from "vitest";
import { didYouMean } from "../src/check/did-you-mean.ts";

const known = ["schedule", "name", "subject", "max_items", "dry_run", "url"];

test.each([
  ["schedul", "schedule"],
  ["shcedule", "schedule"],
  ["Schedule", "schedule"],
  ["maxItems", "max_items"],
  ["dry-run", "dry_run"],
  ["nmae", "name"],
  ["ulr", "url"],
  ["subjects", "subject"],
  ["x", undefined],
  ["port", undefined],
  ["", undefined],
  ["schedule".repeat(10_000), undefined],
])("%.20s is taken for %s", (word, meant) => {
  expect(didYouMean(word, known)).toBe(meant);
});
