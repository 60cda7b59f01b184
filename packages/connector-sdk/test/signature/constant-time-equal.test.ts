import { expect, test } from "vitest";
import { constantTimeEqual } from "../../src/signature/index.ts";

test("compares texts of any length", () => {
  expect(constantTimeEqual("abc", "abc")).toBe(true);
  expect(constantTimeEqual("abc", "abcd")).toBe(false);
  expect(constantTimeEqual("", "")).toBe(true);
});
