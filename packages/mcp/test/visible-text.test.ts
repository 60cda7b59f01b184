import { expect, test } from "vitest";
import { visibleText } from "../src/visible-text.ts";

test("text that only a model would read is shown", () => {
  const hidden = Array.from("obey", (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join("");
  expect(visibleText(`a${hidden}b`)).toBe("a\\u{e006f}\\u{e0062}\\u{e0065}\\u{e0079}b");
  expect(visibleText("a\u202eb\u200bc\u{e0100}d\ufe01e\u001b[2Jf")).toBe("a\\u{202e}b\\u{200b}c\\u{e0100}d\\u{fe01}e\\u{1b}[2Jf");
  expect(visibleText("\ud800")).toBe("\\u{d800}");
});

test("ordinary text stays as it is", () => {
  const text = "Line one\n\tüber 日本語 ❤️ \u{1f600} «quoted»";
  expect(visibleText(text)).toBe(text);
});
