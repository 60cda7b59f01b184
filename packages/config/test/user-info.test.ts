import { expect, test } from "vitest";
import { withoutUserInfo } from "../src/result/without-user-info.ts";

test.each([
  ["https://user:pw@host/x", "https://host/x"],
  ["postgres://user@host/db", "postgres://host/db"],
  ["redis://:p%40w@host:6379/0", "redis://host:6379/0"],
  ["postgres://u:p/w?d#@host/db", "postgres://host/db"],
  ["amqp://u:p@ss@host", "amqp://host"],
  ["see https://a:b@c and https://d:e@f", "see https://c and https://f"],
  ["https://host/@scope/name", "https://host/@scope/name"],
  ["mail@example.org", "mail@example.org"],
  ["://a@b", "://a@b"],
  ["https://host/ and a@b", "https://host/ and a@b"],
])("%s prints as %s", (text, expected) => {
  expect(withoutUserInfo(text)).toBe(expected);
});

test.each([
  ["schemes", `${"a://a:".repeat(170_000)} @`],
  ["schemes with a slash", `${"a://a:/".repeat(150_000)} @`],
  ["letters", `@ ${"a".repeat(1_000_000)}`],
  ["colons behind a scheme", `@ ${"a".repeat(500_000)}://:${":".repeat(500_000)}`],
])("a megabyte of %s is read in one pass and stays", (_, text) => {
  expect(withoutUserInfo(text)).toBe(text);
});
