import { describe, expect, test } from "vitest";
import { isChatter, saysMuch } from "../../src/memory/is-chatter.ts";

describe("words that say nothing on their own", () => {
  test.each([
    ["", "no words"],
    ["ok", "a short word"],
    ["+1", "a vote"],
    ["thanks!! :tada:", "thanks with emoji"],
    ["👍🏽❤️", "emoji alone"],
    [":white_check_mark: :heavy_plus_sign:", "emoji by their names"],
    ["@dependabot @ines.k cool", "mentions, whose length does not count"],
    ["merci à tous 😊", "letters with accents"],
    ["了解です", "a short word of a script without spaces"],
  ])("%s: %s", (words) => {
    expect(isChatter(words)).toBe(true);
  });
});

describe("words that say something", () => {
  test.each([
    ["5 Nm", "a number"],
    ["see #12", "a reference"],
    ["`make drill`", "code"],
    ["https://a.example", "an address"],
    ["a.example", "an address without its scheme"],
    ["ann@a.example", "an address of a person"],
    ["Prod is down", "an outage"],
    ["hotfix shipped!", "news of a release"],
    ["gate is closed for trucks", "20 characters and more"],
    ["会議は明日の午後に変わりました", "a sentence of a script without spaces"],
    ["x".repeat(400), "a long word"],
  ])("%s: %s", (words) => {
    expect(isChatter(words)).toBe(false);
  });
});

test("a word that answers a question is no chatter, and emoji are even then", () => {
  expect(isChatter("yes", "Do we charge waiting time?")).toBe(false);
  expect(isChatter("是", "可以吗？")).toBe(false);
  expect(isChatter("yes", "We charge waiting time.")).toBe(true);
  expect(isChatter("👍", "Do we charge waiting time?")).toBe(true);
});

describe("what says much", () => {
  test.each([
    "gate is closed for trucks",
    "<@U1> *thanks* :tada: the gate is closed for trucks",
    "one\ntwo\nthree\nfour five six",
  ])("has 20 letters in words that begin with one: %s", (text) => {
    expect(saysMuch(text)).toBe(true);
  });

  test.each([
    ["ok", "is short"],
    [":white_check_mark: :heavy_plus_sign: @dependabot @ines.k cool", "is emoji and mentions"],
    ["<!date^1700000000^remind everyone about it at {time}|later> ok", "stands in angle brackets"],
    ["<https://a.example a label that nothing ends", "stands behind an angle bracket"],
    ["*@dependabot_and_others_of_the_organization* thx", "is a mention in bold"],
  ])("not what %s: it %s", (text) => {
    expect(saysMuch(text)).toBe(false);
  });
});
