import { expect, test } from "vitest";
import { canonicalSubject } from "../../src/index.ts";
import { maxSubjectLength } from "../../src/host/index.ts";

const accepted = /^[A-Za-z0-9_.:-]{1,256}$/;

test("maps a slash to a dot, as Statewave's own clients do", () => {
  expect(canonicalSubject("repo:acme/widgets")).toBe("repo:acme.widgets");
});

test("leaves a legal subject alone", () => {
  expect(canonicalSubject("team:T1-a_b.c")).toBe("team:T1-a_b.c");
});

test("keeps two addresses apart that clean to the same characters", () => {
  const left = canonicalSubject("a-b@x.com");
  const right = canonicalSubject("a@b-x.com");
  expect(left).toMatch(/^a-b-x\.com-[0-9a-f]{8}$/);
  expect(right).toMatch(/^a-b-x\.com-[0-9a-f]{8}$/);
  expect(left).not.toBe(right);
});

test("cuts a long subject and keeps long ones apart", () => {
  const left = canonicalSubject(`repo:${"x".repeat(300)}a`);
  const right = canonicalSubject(`repo:${"x".repeat(300)}b`);
  expect(left).toHaveLength(maxSubjectLength);
  expect(left).not.toBe(right);
});

test.each(["💥 boom", "\0", "a b#%", "é".repeat(400), "\ud800"])("gives the server's characters for %j", (subject) => {
  expect(canonicalSubject(subject)).toMatch(accepted);
});

test("maps a character outside the BMP to one dash", () => {
  expect(canonicalSubject("a💥b")).toMatch(/^a-b-[0-9a-f]{8}$/);
});
