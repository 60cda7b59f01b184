import { expect, test } from "vitest";
import { bagOfWords, type HeldEpisode } from "@statewave-connectors/testing/memory-rules";
import { explainMiss } from "../questions/explain.ts";
import { hold, judge, type Outcome, scoreOf } from "../questions/judge.ts";
import type { Row } from "../questions/run-corpora.ts";
import { toMisses, toTable } from "../questions/table.ts";

const question = { ask: "When does the gate open?", answer: ["at seven"] };

function episode(text: string, day = 1): HeldEpisode {
  const occurredAt = new Date(Date.UTC(2025, 0, day)).toISOString();
  const about = { subject_id: "team:T1", source: "slack.message", type: "slack.message.posted" };
  return { ...about, payload: { text }, occurred_at: occurredAt, idempotency_key: `${day} ${text}` };
}

function noise(count: number): readonly HeldEpisode[] {
  return Array.from({ length: count }, (_, at) => episode(`lorem${at} ipsum${at} dolor${at}`, 100 + at));
}

function ask(episodes: readonly HeldEpisode[], budget = 500, nearness?: typeof bagOfWords): Outcome {
  return judge(hold(episodes, Date.UTC(2025, 5, 1)), [question], { budget, nearness })[0]!;
}

test("an answer that the context holds literally is found, whatever its case and spaces", () => {
  expect(ask([episode("The gate opens AT\u00a0 Seven.")])).toMatchObject({ found: 1, reason: undefined });
});

test("the words of the question are no answer", () => {
  const outcome = judge(hold([episode("nothing")], 0), [{ ask: "Is it at seven?", answer: ["at seven"] }], {
    budget: 500,
    nearness: undefined,
  });
  expect(outcome[0]).toMatchObject({ found: 0, reason: "not delivered" });
});

test("a miss is cut where the answer stands between the first and the last line, or behind 500 characters", () => {
  expect(ask([episode("Gate\nopens at seven\nthanks")]).reason).toBe("cut");
  expect(ask([episode(`Gate ${"x".repeat(500)} opens at seven`)]).reason).toBe("cut");
});

test("a miss is superseded where a newer memory of the same words retired the one that holds it", () => {
  const words = "the new gate opens daily for all of the trucks that wait there";
  const newer = episode(`${words} at eight`, 40);
  // Thirty newer ones keep the episode itself out of the context.
  expect(ask([episode(`${words} at seven`), newer, ...noise(30)], 1_000).reason).toBe("superseded");
});

test("a miss is not a candidate where its memory is not looked at, and embeddings find it", () => {
  const episodes = [episode("The gate does open at seven"), ...noise(90)];
  const withStub = ask(episodes);
  expect(withStub.reason).toBe("not a candidate");
  expect(withStub.found).toBeGreaterThan(0);
  expect(withStub.found).toBeLessThan(0.7);
  expect(ask(episodes, 500, bagOfWords).found).toBe(1);
});

test("a miss is out of budget where its line ranked too low", () => {
  const others = Array.from({ length: 5 }, (_, at) => episode(`When does the gate ${at} open? Ask desk ${at * 7}`, 50 + at));
  expect(
    ask(
      [episode("The porter in the hall told everybody who asked: at seven, and never before, except on Sundays"), ...others],
      80,
    ),
  ).toMatchObject({ found: 0, reason: "out of budget" });
});

test("the table shows another checkout's score before the arrow, and its other figures where they differ", () => {
  const row = (found: number): Row => ({
    connector: "slack",
    corpus: "harbour",
    episodes: 70,
    memories: found === 1 ? 62 : 60,
    budget: 500,
    embeddings: "stub",
    outcomes: [{ question, found, reason: found === 1 ? undefined : "cut" }],
    explanations: [],
  });
  expect(scoreOf(row(0.25).outcomes)).toBe(0.25);
  expect(toTable([row(1)], [row(0.25)])).toContain("| slack | harbour | 70 | 60 → 62 | 500 | stub | 0.3 → **1** of 1 |");
  expect(toTable([row(1)], [row(1)])).toContain("| slack | harbour | 70 | 62 | 500 | stub | 1 → **1** of 1 |");
  expect(toTable([row(1)])).toContain("| slack | harbour | 70 | 62 | 500 | stub | **1** of 1 |");
  expect(toMisses([row(1), row(0.25), row(0)])).toContain("- When does the gate open? found / 25 %, else **cut** / **cut**");
});

test("a miss is explained by what is kept of the text that holds the answer, and by what was shown instead", () => {
  const texts = [`Gate ${"x".repeat(500)} opens at seven`, "When does the gate open? Ask the desk."];
  const held = hold(
    texts.map((text, at) => episode(text, at + 1)),
    Date.UTC(2025, 5, 1),
  );
  const [first, ...lines] = explainMiss(question, held, { budget: 500, nearness: undefined }).split("\n");
  expect(first).toBe("When does the gate open? (at seven)");
  expect(lines.map((line) => line.trim().split(" ", 2).join(" "))).toEqual(["lost it:", "shown: -", "shown: -"]);
  const found = hold([episode("It opens at seven")], 0);
  expect(explainMiss(question, found, { budget: 500, nearness: undefined })).toBe("");
});
