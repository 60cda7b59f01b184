import { describe, expect, test } from "vitest";
import { isEchoHead, judgeEcho } from "../../../src/sinks/statewave/judge-echo.ts";

const row = (subject: string) => ({
  id: "5a0ff1a2-0000-4000-8000-000000000000",
  subject_id: subject,
  source: "github.issue",
  type: "github.issue.opened",
  payload: {},
  metadata: {},
  provenance: {},
  created_at: "2026-03-01T12:00:00Z",
});
const judge = (body: unknown, items = 2, isWhole = true) =>
  judgeEcho({ text: typeof body === "string" ? body : JSON.stringify(body), isWhole }, items);

describe("the answer of a Statewave", () => {
  test.each([
    ["of 0.7.1 and 1.x, which counts every row", { episodes_created: 2, episodes: [row("a"), row("b")] }],
    ["that counts new rows only", { episodes_created: 0, episodes: [row("a"), row("b")] }],
    ["with fields in another order and new ones", { request_id: "r", episodes: [row("a"), row("b")], episodes_created: 2 }],
  ])("%s is recognised", (_, body) => {
    expect(judge(body)).toEqual({ type: "statewave", missing: [] });
  });

  test("is recognised when it is printed with indents or begins with a byte order mark", () => {
    const body = { episodes_created: 1, episodes: [row("a")] };
    expect(judge(`\uFEFF${JSON.stringify(body, undefined, 2)}\n`, 1)).toEqual({ type: "statewave", missing: [] });
  });

  test.each([
    [{ episodes_created: 2 }, ["episodes"]],
    [{ episodes: [row("a"), row("b")] }, ["episodes_created"]],
    [{ episodes_created: 2, episodes: [row("a")] }, ["episodes"]],
    [{ episodes_created: 2, episodes: [{ subject_id: "a" }, { subject_id: "b" }] }, ["episodes[].id", "episodes[].created_at"]],
  ])("%j lacks %j, which is named", (body, missing) => {
    expect(judge(body)).toEqual({ type: "statewave", missing });
  });

  test("that breaks off counts by its beginning", () => {
    const text = JSON.stringify({ episodes_created: 1, episodes: [row("a")] });
    expect(judge(text.slice(0, 40), 1, false)).toEqual({ type: "statewave", missing: [] });
    expect(judge(text.slice(0, 5), 1, false)).toEqual({ type: "unreadable" });
    const ofRepeats = JSON.stringify({ episodes_created: 0, episodes: [row("a")] });
    expect(judge(ofRepeats.slice(0, 60), 1, false)).toEqual({ type: "statewave", missing: [] });
    expect(judge("", 1, false)).toEqual({ type: "unreadable" });
  });

  test.each([
    [{ episodes_created: 0, episodes: [row("a")] }, true],
    [{ episodes_created: 100, episodes: [row("a"), row("b")] }, true],
    [{ episodes_created: 4, episodes: [] }, false],
    [{ episodes_created: 2 }, false],
    [{ episodes: [row("a")] }, false],
    [{ episodes_created: 1, episodes: [{ id: "5", title: "Pilot", subject_id: "a" }] }, false],
    [{ episodes_created: "1", episodes: [row("a")] }, false],
    [{ data: { episodes_created: 1, episodes: [row("a")] } }, false],
  ])("%j is certain by its beginning: %s", (body, certain) => {
    expect(isEchoHead(JSON.stringify(body).slice(0, 512))).toBe(certain);
  });
});

describe("the answer of another server", () => {
  test.each([
    ["{}"],
    ["[]"],
    ["null"],
    ["201"],
    ['"ok"'],
    ['{"ok":true}'],
    ['{"episodes":[]}'],
    ['{"episodes":[{"title":"Pilot"},{"title":"Second"}]}'],
    ['{"episodes":{"subject_id":"a"}}'],
    ['{"json":{"episodes":[{"subject_id":"a"}]}}'],
    ['{"data":"{\\"episodes_created\\": 1}"}'],
  ])("%s is recognised", (text) => {
    expect(judge(text)).toMatchObject({ type: "stranger", why: expect.stringContaining("none of the fields") });
  });

  test.each([
    [{ episodes_created: 0, episodes: [] }],
    [{ episodes_created: 0 }],
    [{ episodes_created: 0, episodes: [{}, null, 7, "a"] }],
    [{ episodes_created: -1, episodes: [] }],
    [{ episodes: [], episodes_created: 0, skipped: 4 }],
  ])("%j is recognised: it accounts for none of the episodes", (body) => {
    expect(judge(body, 4)).toEqual({ type: "stranger", why: "with an answer that accounts for none of the 4 episodes" });
  });

  test("that breaks off before it accounts for an episode is tried again", () => {
    for (const text of ['{"episodes_created":0', '{"episodes_created":0,"episodes":[', '{"episodes": [', '{"episodes_created":'])
      expect(judge(text, 4, false)).toEqual({ type: "unreadable" });
  });

  test.each([
    ["", "without a body"],
    ["<!doctype html><title>Sign in</title>", "with a web page"],
    ["OK", "with a body that is not JSON"],
    ['{"episodes_created": 2', "with a body that is not JSON"],
  ])("%j is recognised", (text, why) => {
    expect(judge(text)).toEqual({ type: "stranger", why });
  });

  test("that repeats the request is recognised, whole or not", () => {
    const { id: _, created_at: __, ...sent } = row("a");
    const why = "with the episodes as they were sent, none of which got an id";
    expect(judge({ episodes: [sent, sent] })).toEqual({ type: "stranger", why });
    expect(judge({ episodes: [{ ...sent, payload: { id: "7" } }], url: "http://echo/v1/episodes/batch" }, 1)).toEqual({
      type: "stranger",
      why,
    });
    const text = JSON.stringify({ episodes: [{ ...sent, payload: { text: "x".repeat(200_000), id: "7" } }] });
    expect(judge(text.slice(0, 100_000), 1, false)).toEqual({ type: "stranger", why });
    expect(judge(text.slice(0, 500), 1, false)).toEqual({ type: "unreadable" });
    expect(judge({ episodes_created: 0, episodes: [sent] }, 1)).toMatchObject({ type: "stranger" });
  });

  test("that never ends is recognised by what was read of it", () => {
    expect(judge(`{"log":"${"x".repeat(200_000)}`, 2, false)).toMatchObject({ type: "stranger" });
    expect(judge("<html>".padEnd(200_000), 2, false)).toMatchObject({ type: "stranger" });
  });
});
