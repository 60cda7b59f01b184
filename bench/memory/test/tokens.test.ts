import { expect, test } from "vitest";
import { countTokens } from "../tokens.ts";

test("tokens are counted in the encoding cl100k_base", () => {
  expect(countTokens("tiktoken is great!")).toBe(6);
});
