import { expect, test } from "vitest";
import { VariableNames } from "../src/trial/variable-names.ts";

test("no name stands for two values", () => {
  const names = new VariableNames();
  expect(names.claim("GITHUB_A_TOKEN", { place: "github/a", value: "1" })).toBe("GITHUB_A_TOKEN");
  expect(names.claim("GITHUB_A_TOKEN", { place: "github/a", value: "2" })).toBe("GITHUB_A_TOKEN_2");
  expect(names.claim("GITHUB_A_TOKEN", { place: "github/b", value: "3" })).toBe("GITHUB_A_TOKEN_3");
  expect(names.claim("GITHUB_A_TOKEN", { place: "github/b", value: "1" })).toBe("GITHUB_A_TOKEN");
});

test("a use without a value shares the variable of its own place only", () => {
  const names = new VariableNames();
  expect(names.claim("SLACK_TOKEN", { place: "slack/team" })).toBe("SLACK_TOKEN");
  expect(names.claim("SLACK_TOKEN", { place: "slack/team", value: "1" })).toBe("SLACK_TOKEN");
  expect(names.claim("SLACK_TOKEN", { place: "slack/team", value: "2" })).toBe("SLACK_TOKEN_2");
  expect(names.claim("SLACK_TOKEN", { place: "slack/other" })).toBe("SLACK_TOKEN_3");
});

test("a name that is taken is never given out", () => {
  const names = new VariableNames(["X"]);
  expect(names.claim("X", { place: "a", value: "1" })).toBe("X_2");
  expect(names.claim("X", { place: "b" })).toBe("X_3");
});
