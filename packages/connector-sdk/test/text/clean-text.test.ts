import { expect, test } from "vitest";
import { cleanText, cutText, maxTextBytes } from "../../src/text/index.ts";

test("removes NUL and replaces lone surrogates", () => {
  expect(cleanText("a\0b\ud800c")).toBe("ab\ufffdc");
  expect(cleanText("whole 💥")).toBe("whole 💥");
});

test("leaves a text that fits alone, to the byte", () => {
  const text = "ü".repeat(maxTextBytes / 2);
  expect(cutText(text)).toBe(text);
});

test.each([
  ["ascii", "word ".repeat(10_000)],
  ["two-byte characters", "ü".repeat(20_000)],
  ["astral characters", "💥".repeat(20_000)],
  ["mixed", "a💥ü\n".repeat(9_000)],
])("cuts %s to the limit, between characters, and marks it", (_, text) => {
  const cut = cutText(text);
  expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxTextBytes);
  expect(Buffer.byteLength(cut)).toBeGreaterThan(maxTextBytes * 0.7);
  expect(cut.endsWith("\n[cut]")).toBe(true);
  expect(cut.isWellFormed()).toBe(true);
  expect(text.startsWith(cut.slice(0, -"\n[cut]".length))).toBe(true);
});

test("prefers the end of a paragraph to that of a word", () => {
  const text = `${"a".repeat(85)}\n\n${"b ".repeat(50)}`;
  expect(cutText(text, 100)).toBe(`${"a".repeat(85)}\n[cut]`);
});
