import { describe, expect, test } from "vitest";
import * as v from "valibot";
import { nameMatcher, namePattern, type NamePatternOptions, pathPattern } from "../../src/options/index.ts";

const matches = (pattern: string, name: string, options?: NamePatternOptions) => nameMatcher([pattern], options)(name);
const path: NamePatternOptions = { isPath: true };

describe("a pattern of names", () => {
  test.each([
    ["api", "api", true],
    ["api", "api-2", false],
    ["api-*", "api-", true],
    ["*-api", "old-api-api", true],
    ["a*b*c", "abcabc", true],
    ["a*b*c", "abcab", false],
    ["v?", "v1", true],
    ["v?", "v", false],
    ["v?", "v12", false],
    ["*", "", true],
    ["*", ".github", true],
    ["*", "a/b", true],
    ["[a-c]x", "bx", true],
    ["[!a-c]x", "bx", false],
    ["[^a-c]x", "dx", true],
    ["[]]", "]", true],
    ["[ab", "[ab", true],
    [String.raw`\*`, "*", true],
    [String.raw`\*`, "x", false],
    ["{api,web}-*", "web-1", true],
    ["{api,web}-*", "app-1", false],
    ["{a,{b,c}d}", "cd", true],
    ["{a}", "{a}", true],
    ["v{1..3}", "v2", true],
    ["v{01..12}", "v09", true],
    ["{a..c}", "d", false],
    ["💥?", "💥💥", true],
    ["?", "💥", true],
    ["+(a)", "aa", false],
  ])("%j matches %j: %j", (pattern, name, expected) => {
    expect(matches(pattern, name)).toBe(expected);
  });

  test.each([
    ["API-*", "api-x", true],
    ["ÉTÉ", "été", true],
    ["ΟΔΟΣ*", "οδος", true],
    ["*σ", "ΟΔΟΣ", true],
    ["[A-C]", "b", true],
    ["straße", "STRASSE", false],
  ])("without case %j matches %j: %j", (pattern, name, expected) => {
    expect(matches(pattern, name, { ignoreCase: true })).toBe(expected);
  });

  test("minds case unless it is said otherwise", () => {
    expect(matches("API", "api")).toBe(false);
  });

  test.each(["Orçamento", "naïve/Å", "한국어", "Việt"])("takes composed and decomposed letters for the same: %s", (name) => {
    expect(matches(name.normalize("NFD"), name.normalize("NFC"))).toBe(true);
    expect(matches(name.normalize("NFC"), name.normalize("NFD"), path)).toBe(true);
  });

  test("of many stars is decided at once, however long the name", () => {
    expect(matches("*a*a*a*a*a*a*a*a*a*ab", "a".repeat(100_000))).toBe(false);
    expect(matches(`${"*a".repeat(400)}b`, `${"a".repeat(10_000)}c`)).toBe(false);
  });
});

describe("a pattern of paths", () => {
  test.each([
    ["*.md", "a.md", true],
    ["*.md", "docs/a.md", false],
    ["**/*.md", "a.md", true],
    ["**/*.md", "docs/deep/a.md", true],
    ["**/*.md", ".hidden/a.md", false],
    ["**/*.md", "docs/.a.md", false],
    ["*.md", ".md", false],
    [".*.md", ".a.md", true],
    [".github/**/*.md", ".github/a.md", true],
    [".github/**/*.md", ".github/x/.y/a.md", false],
    ["docs/**", "docs", true],
    ["docs/**", "docs/a/b.md", true],
    ["docs/**", "docs2/a.md", false],
    ["*/**", "a.md", false],
    ["*/**", "docs/a.md", true],
    ["**", "a/b", true],
    ["docs/**/x.md", "docs/x.md", true],
    ["docs/**/x.md", "docs/a/b/x.md", true],
    ["docs?x.md", "docs/x.md", false],
    ["docs[^a]x.md", "docs/x.md", false],
    ["{docs,notes/old}/**", "notes/old/a.md", true],
    ["./docs/*.md", "docs/a.md", true],
    ["@(a|b).md", "b.md", true],
    ["?(a)b.md", "b.md", true],
    ["+(a|b).md", "abba.md", true],
    ["+(a|b).md", ".md", false],
    ["*(a|b).md", "c.md", false],
    ["!(draft-*).md", "final.md", true],
    ["!(draft-*).md", "draft-1.md", false],
    ["**/!(README).md", "docs/README.md", false],
    ["old (2023)/**", "old (2023)/a.md", true],
  ])("%j matches %j: %j", (pattern, name, expected) => {
    expect(matches(pattern, name, path)).toBe(expected);
  });

  test.each([
    ["**/secret.md", ".hidden/secret.md"],
    ["**/*.md", "a/.b/.c.md"],
    ["docs/**", "docs/.x/y"],
    ["[^a].md", "..md"],
  ])("%j reaches names with a dot where wanted: %j", (pattern, name) => {
    expect(matches(pattern, name, { isPath: true, dot: true })).toBe(true);
  });

  test("of groups is decided at once, however long the path", () => {
    const name = `${"a".repeat(255)}/`.repeat(15);
    expect(matches("+(a|aa|*(a))b", name, path)).toBe(false);
    expect(matches("*!(a)*!(b)*!(c)/**/d", name, path)).toBe(false);
  });
});

describe("an option that is a pattern", () => {
  const wordsOf = (schema: v.GenericSchema<unknown, unknown>, value: unknown) =>
    v
      .safeParse(schema, value)
      .issues?.map((issue) => issue.message)
      .join() ?? "";

  test.each([
    [namePattern(), 1, "api-*"],
    [namePattern(), "", "api-*"],
    [namePattern(), "{1..999}{1..999}", "1,000 alternatives"],
    [namePattern(), "{1..99999}", "1,000 alternatives"],
    [namePattern(), "a".repeat(1_001), "1,000 characters"],
    [pathPattern(), "!a.md", "goes into `exclude`"],
    [pathPattern(), "/etc/**", "relative paths"],
    [pathPattern(), "a/../../b", "relative paths"],
    [pathPattern(), "@(a/b|c)", "in braces"],
    [pathPattern(), "!(a|+(b))", "must not start"],
    [pathPattern(), "x!(a|+(b))", "in !(…)"],
    [pathPattern(), "x+(a|!(b))", "in !(…)"],
  ])("is refused when it cannot be used: %#", (schema, value, words) => {
    expect(wordsOf(schema, value)).toContain(words);
  });

  test.each(["{a}", "a..b", "docs/..a/*.md", "**/*.{md,markdown}"])("is kept as written: %s", (pattern) => {
    expect(v.parse(pathPattern(), pattern)).toBe(pattern);
  });
});
