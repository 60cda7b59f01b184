import { describe, expect, test } from "vitest";
import { foldPlainText } from "../../src/text/index.ts";

const first = "Ann Lee wrote to IT: The scanner saves nothing";

describe("a folded plain text", () => {
  test.each([
    String.raw`It should save to \\files\scans\*.pdf, or C:\__temp__.`,
    "The plate is 2*3*4 cm, and a_b_c is a name.",
    "Type <b> and then [enter](now) and `ls`.",
    "# 4711 is the order.",
  ])("keeps what Markdown would take for a mark: %s", (words) => {
    expect(foldPlainText(first, words)).toBe(`${first}\n${words}`);
  });

  test("has at most two lines in its first 500 characters, and every word", () => {
    const lines = Array.from({ length: 60 }, (_, n) => `Sentence ${n} says something.`);
    const text = foldPlainText(first, `${lines.join("\r\n")}\n\n-----\n\n\`\`\`\nx = 1\n\`\`\`\n| a | b |`);
    expect(text.slice(0, 500).split("\n")).toHaveLength(2);
    for (const words of [...lines, "x = 1", "| a | b |"]) expect(text).toContain(words);
    expect(text).not.toContain("-----");
  });

  test("has at most two lines among its first 500 characters, however many of these have two units", () => {
    const text = foldPlainText(first, "🚲 It 🎉\n".repeat(90));
    expect(Array.from(text).slice(0, 500).join("").split("\n")).toHaveLength(2);
  });

  test("without a body is its headline", () => {
    expect(foldPlainText(first, " \n")).toBe(first);
  });
});
