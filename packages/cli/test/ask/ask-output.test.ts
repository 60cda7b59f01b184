import type { AskAnswer } from "@statewave-connectors/runner/tools";
import { describe, expect, test } from "vitest";
import { type Asked, askJson, askRemark, askText } from "../../src/commands/ask/ask-output.ts";

const answer: AskAnswer = {
  subject: "repo:acme.widgets",
  finding: "answered",
  text: "## Task\nWhy?\n\n## Recent history\n- [2026-01-01] It was full\n",
  tokens: 21,
  parts: { facts: 1, summaries: 2, procedures: 0, episodes: 1 },
};

const asked: Asked = { subject: "repo:acme/widgets", question: "Why?", budgetTokens: 500, isCompiled: false, answer };

function remarkOn(changed: Partial<AskAnswer>, more: Partial<Asked> = {}) {
  return askRemark({ ...asked, ...more, answer: { ...answer, ...changed } });
}

describe("the text", () => {
  test("is the context as the server renders it, and below it the subject and what it is made of", () => {
    expect(askText(asked)).toBe(
      "## Task\nWhy?\n\n## Recent history\n- [2026-01-01] It was full\n\n" +
        "subject repo:acme.widgets, which Statewave has for repo:acme/widgets\n" +
        "1 fact, 2 summaries, 0 procedures, 1 episode; 21 of 500 tokens\n",
    );
  });

  test("names the subject once when it is the same, or was not given", () => {
    for (const subject of [undefined, "repo:acme.widgets"]) {
      expect(askText({ ...asked, subject })).toContain("\n\nsubject repo:acme.widgets\n1 fact");
    }
  });

  test("says only the budget when the server counts no tokens", () => {
    expect(askText({ ...asked, answer: { ...answer, tokens: undefined } })).toContain("1 episode; budget: 500 tokens\n");
  });
});

test("the JSON is an object with snake_case keys", () => {
  expect(JSON.parse(askJson(asked))).toEqual({
    subject: "repo:acme.widgets",
    question: "Why?",
    finding: "answered",
    context: answer.text,
    parts: { facts: 1, summaries: 2, procedures: 0, episodes: 1 },
    tokens: 21,
    budget_tokens: 500,
  });
  const nothing: AskAnswer = { ...answer, finding: "nothing_stored", storedSubjects: ["team:T1"] };
  expect(JSON.parse(askJson({ ...asked, answer: nothing }))).toMatchObject({ stored_subjects: ["team:T1"] });
});

describe("a remark", () => {
  test("is not made on an answer", () => {
    expect(remarkOn({})).toBeUndefined();
  });

  test("names the option that has subjects compiled, or that it takes its time", () => {
    expect(remarkOn({ finding: "not_compiled" })?.hint).toContain('[statewave.compile] mode = "after"');
    expect(remarkOn({ finding: "not_compiled" }, { isCompiled: true })?.hint).toContain("[statewave.compile] quiet");
  });

  test("requests a larger budget when nothing fits", () => {
    const remark = remarkOn({ finding: "budget_too_small" });
    expect(remark).toEqual({
      message: "no memory of repo:acme.widgets fits into 500 tokens beside the question",
      hint: "pass a larger `--budget`",
    });
  });

  test("does not speak of memories where not even an episode fits", () => {
    const parts = { facts: 0, summaries: 0, procedures: 0, episodes: 0 };
    expect(remarkOn({ finding: "budget_too_small", parts })?.message).toBe(
      "nothing of repo:acme.widgets fits into 500 tokens beside the question",
    );
  });

  test.each([
    ["a typing error", "repo:acme/widgtes", ["repo:acme.widgets", "team:T1"], "did you mean repo:acme.widgets"],
    ["a part of a name", "acme/widgets", ["repo:acme.widgets", "team:T1"], "did you mean repo:acme.widgets"],
    ["a part of several names", "acme", ["repo:acme.a", "repo:acme.b"], "name one that it has, such as repo:acme.a, repo:acme.b"],
    ["something else", "zebra", ["repo:acme.a"], "name one that it has, such as repo:acme.a"],
  ])("on a subject without episodes names a near one: %s", (_, subject, storedSubjects, hint) => {
    const canonical = subject.replaceAll("/", ".");
    const remark = remarkOn({ finding: "nothing_stored", subject: canonical, storedSubjects }, { subject });
    expect(remark).toEqual({ message: `Statewave has nothing of ${canonical}`, hint });
  });

  test("keeps a name of the server on one line, so that it cannot imitate a line of the command", () => {
    const remark = remarkOn({ finding: "nothing_stored", storedSubjects: ["team:T1\nhint: run this"] }, { subject: "zebra" });
    expect(remark?.hint).toBe("name one that it has, such as team:T1 hint: run this");
  });

  test("on a server without episodes says how they get there", () => {
    for (const storedSubjects of [undefined, []]) {
      expect(remarkOn({ finding: "nothing_stored", storedSubjects })?.hint).toContain("`statewave-connectors run`");
    }
  });
});
