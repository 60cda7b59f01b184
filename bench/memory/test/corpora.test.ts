import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Corpus, readCorpora } from "../questions/corpora.ts";

describe.each(readCorpora())("$connector, $name", (corpus) => {
  test("holds what a source of usual size holds", () => {
    const least = { github: 45, slack: 60, markdown: 65 };
    expect(sizeOf(corpus)).toBeGreaterThanOrEqual(least[corpus.connector]);
  });

  test("has ten questions, each with its own answer, which it does not give away", () => {
    const asked = corpus.questions.map(({ ask }) => ask);
    const answers = corpus.questions.flatMap(({ answer }) => answer.map((spelling) => spelling.toLowerCase()));
    expect(new Set(asked).size).toBe(10);
    expect(new Set(answers).size).toBe(answers.length);
    const givenAway = corpus.questions.filter(({ ask, answer }) => answer.some((spelling) => ask.includes(spelling)));
    expect(givenAway).toEqual([]);
  });
});

/** Events, messages, or sections. */
function sizeOf(corpus: Corpus): number {
  if (corpus.connector === "github") return corpus.content.events.length;
  if (corpus.connector === "slack") return corpus.content.messages.length;
  const files = readdirSync(corpus.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const lines = files.flatMap(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8").split("\n"));
  return lines.filter((line) => /^(?:#{1,6} |={4,}$|-{4,}$)/.test(line)).length;
}
