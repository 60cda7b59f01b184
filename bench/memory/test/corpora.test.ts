import { describe, expect, test } from "vitest";
import { readCorpora } from "../questions/corpora.ts";

describe.each(readCorpora())("$connector, $name", (corpus) => {
  test("has ten questions, each with its own answer, which it does not give away", () => {
    const asked = corpus.questions.map(({ ask }) => ask);
    const answers = corpus.questions.flatMap(({ answer }) => answer.map((spelling) => spelling.toLowerCase()));
    expect(new Set(asked).size).toBe(10);
    expect(new Set(answers).size).toBe(answers.length);
    const givenAway = corpus.questions.filter(({ ask, answer }) => answer.some((spelling) => ask.includes(spelling)));
    expect(givenAway).toEqual([]);
  });
});
