import { expect, test } from "vitest";
import { nextLink } from "../../src/http/index.ts";

test.each([
  [null, undefined],
  ["", undefined],
  ['<https://a/?page=2>; rel="next"', "https://a/?page=2"],
  [
    '<https://a/?page=1>; rel="prev", <https://a/?q=a,b;c&page=3>; rel="next", <https://a/?page=9>; rel="last"',
    "https://a/?q=a,b;c&page=3",
  ],
  ["<https://a/2>; rel=next", "https://a/2"],
  ["<https://a/1>;rel=prev,<https://a/2>;rel=next", "https://a/2"],
  ['<https://a/2> ; REL = "Prev NEXT" ; title="x"', "https://a/2"],
  ['<https://a/2>; rel="first prev"; title="next"', undefined],
  ['<https://a/2>; title="; rel=next"', undefined],
  [String.raw`<https://a/2>; title="a \"quote\", and more"; rel=next`, "https://a/2"],
  ['<https://a/2>; rel="nextish"', undefined],
  ['<https://a/2>; rel="prev"; rel="next"', undefined],
  ["<https://a/2>; next", undefined],
  ["https://a/2; rel=next", undefined],
  ["<https://a/2; rel=next", undefined],
])("the next link of %j is %j", (header, next) => {
  expect(nextLink(header)).toBe(next);
});

test.each([
  ["relations", `<u>${";rel=".repeat(50_000)}${" next".repeat(50_000)}${"\t".repeat(200_000)}!"x`],
  ["spaces", `<u>;${" ".repeat(1_000_000)}rel${" ".repeat(1_000_000)}next`],
  ["backslashes in a quoted string", `<u>; rel="${"\\".repeat(1_000_000)}`],
  ["brackets", "<".repeat(1_000_000)],
  ["links without an end", "<u>;rel=x,".repeat(100_000)],
])("a megabyte of %s ends like any other header", (_, header) => {
  expect(nextLink(header)).toBeUndefined();
});
