import { describe, expect, it } from "vitest";
import { reconcile } from "../src/judge/account.ts";
import { noViolations } from "../src/judge/check-journal.ts";
import { findViolations } from "../src/judge/find-violations.ts";

const found = (stored: readonly string[], owed: readonly string[], possible: readonly string[] = []) =>
  findViolations(noViolations, reconcile(stored, { owed, possible }));

describe("the account of a trial", () => {
  it("has nothing to say when each item is stored once", () => {
    expect(found(["a", "b"], ["a", "b"])).toEqual([]);
  });

  it("allows what was sent and never acknowledged", () => {
    expect(found(["a", "b"], ["a"], ["b", "c"])).toEqual([]);
  });

  it("names what is lost, what is stored twice and what nothing has sent", () => {
    expect(found(["b", "b", "x"], ["a", "b"])).toEqual([
      { promise: "nothing that was acknowledged, and nothing before a cursor, is lost", found: "a" },
      { promise: "each item is stored once", found: "b" },
      { promise: "nothing is stored that was not sent", found: "x" },
    ]);
  });

  it("names the first five of many", () => {
    const names = Array.from({ length: 12 }, (_, index) => `item ${index}`);
    const violations = found([], names);
    expect(violations).toHaveLength(6);
    expect(violations.at(-1)?.found).toBe("and 7 more");
  });
});
