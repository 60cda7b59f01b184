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

test.each([
  ["secret", ["signing_secret", "bot_token", "team_id"], "signing_secret"],
  ["time", ["start_time", "name"], "start_time"],
  ["github_token", ["token", "repo"], "token"],
  ["token", ["bot_token", "app_token"], undefined],
  ["id", ["team_id"], undefined],
  ["github/widget", ["github/widgets", "slack/team"], "github/widgets"],
])("%s, which is a part of a known word or has one as a part, is taken for it if there is one", (word, words, meant) => {
  expect(didYouMean(word, words)).toBe(meant);
});
