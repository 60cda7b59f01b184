import { describe, expect, test } from "vitest";
import { messageText } from "../../src/text/index.ts";

const prose = Array.from({ length: 60 }, (_, n) => `Sentence ${n} says something.`).join("\n");
const code = Array.from({ length: 60 }, (_, n) => `  const value${n} = ${n};`).join("\n");
const about = "re: who is on call?";

describe("the text of a message", () => {
  test.each<[Parameters<typeof messageText>[0], string]>([
    [{ lead: "Ann in #ops", words: "Noor takes\nEaster" }, "Ann in #ops: Noor takes Easter"],
    [{ lead: "Ann to Ben in #ops", words: "Noor", about }, "Ann to Ben in #ops: Noor (re: who is on call?)"],
    [{ lead: "Ann in #ops", words: " " }, "Ann in #ops"],
    [{ lead: "", words: "Noor" }, "Noor"],
    [{ lead: "Ann", words: "see\n```\na = 1\n```\nit fails" }, "Ann: see it fails a = 1"],
    [{ lead: "Ann", words: "typed <b> and # and *stars*" }, "Ann: typed <b> and # and *stars*"],
  ])("of %j is %j", (parts, text) => {
    expect(messageText(parts)).toBe(text);
  });

  test.each<[string, string]>([
    ["lines of prose", prose],
    ["one endless line", "word ".repeat(2_000)],
    ["one endless word", "x".repeat(10_000)],
    ["code alone", `\`\`\`\n${code}\n\`\`\``],
    ["code before prose", `\`\`\`\n${code}\n\`\`\`\n${prose}`],
    ["Windows line ends", prose.replaceAll("\n", "\r\n")],
    ["characters of two units", "💥".repeat(1_000)],
    ["lines of characters of two units", "🚲 It 🎉\n".repeat(90)],
    ["a short line before a long one", `so\n${"word ".repeat(2_000)}`],
  ])("has at most two lines in its first 500 characters, and what it is about among them: %s", (_, words) => {
    for (const note of [undefined, about, "re: ".padEnd(1_000, "x ")]) {
      const text = messageText({ lead: "x".repeat(100), words, about: note });
      // As Statewave counts: an emoji is one character.
      const lines = Array.from(text).slice(0, 500).join("").split("\n");
      expect(lines.length).toBeLessThanOrEqual(2);
      expect(lines[0]?.includes("(re: ")).toBe(note !== undefined);
      expect(text.isWellFormed()).toBe(true);
    }
  });

  test("has the words within the first 60 characters, however long the names", () => {
    expect(messageText({ lead: "name ".repeat(40), words: "the words" }).indexOf("the words")).toBeLessThanOrEqual(60);
  });

  test("loses nothing of a message that is cut", () => {
    const words = Array.from({ length: 400 }, (_, n) => `word${n}`).join(" ");
    const text = messageText({ lead: "Ann", words: `${words}\n\n${prose}`, about });
    expect(text.match(/word\d+/g)).toEqual(words.split(" "));
    for (let n = 0; n < 60; n += 1) expect(text).toContain(`Sentence ${n} says something.`);
  });

  test("keeps the lines behind the summary", () => {
    expect(messageText({ lead: "Ann", words: `${prose}\n\n- one\n- two` })).toMatch(
      /\nSentence 59 says something\.\n\n- one\n- two$/,
    );
  });

  test("of 100,000 empty lines is made in one pass", () => {
    expect(messageText({ lead: "Ann", words: `\`\`\`\n${"\n".repeat(100_000)}x\n\`\`\`` })).toBe("Ann: x");
  });
});
