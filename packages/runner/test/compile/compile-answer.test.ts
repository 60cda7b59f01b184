import { describe, expect, test } from "vitest";
import { judgeCompile, judgeJob } from "../../src/compile/compile-answer.ts";

const nowMs = 0;
const answer = (
  status: number,
  body: unknown = {},
  others: { retryAfter?: string; contentType?: string; isWhole?: boolean } = {},
) => ({
  status,
  body: typeof body === "string" ? body : JSON.stringify(body),
  ...others,
});
const compiled = (changes: object) => ({ subject_id: "a", memories_created: 3, memories: [], ...changes });

describe("the answer to a compile", () => {
  test.each([
    ["with nothing left", answer(200, compiled({ has_more: false })), "done"],
    ["with more left", answer(200, compiled({ has_more: true })), "more"],
    ["of an older server that compiled something", answer(200, compiled({})), "more"],
    ["of an older server that had nothing to compile", answer(200, compiled({ memories_created: 0 })), "done"],
    ["that is longer than what is read", answer(200, '{"subject_id":"a","memories":[{', { isWhole: false }), "more"],
    ["that names a job with another status", answer(200, { job_id: "1a", status: "pending" }), "job"],
    ["that names a job", answer(202, { job_id: "1a", status: "pending" }), "job"],
    ["500", answer(500, { error: { code: "internal_error" } }), "failed"],
    ["422", answer(422, { error: { code: "validation_error" } }), "refused"],
    ["429", answer(429, {}, { retryAfter: "7" }), "limited"],
    [
      "502 of the server itself, which one subject alone may cause",
      answer(502, { error: { code: "compilation_failed" } }),
      "failed",
    ],
    ["502 of a proxy", answer(502, "<html>"), "unavailable"],
    ["504", answer(504), "failed"],
    ["408", answer(408), "failed"],
    ["413", answer(413), "failed"],
    ["503", answer(503), "unavailable"],
    ["401", answer(401), "unavailable"],
    ["a redirect", answer(302), "unavailable"],
    ["a web page", answer(200, "<html>", { contentType: "text/html" }), "unavailable"],
    ["a success of another server", answer(200, { ok: true }), "unavailable"],
    ["a success that is no JSON", answer(204, ""), "unavailable"],
  ])("%s: %s", (_, given, type) => {
    expect(judgeCompile(given, nowMs).type).toBe(type);
  });

  test("429 waits as long as the server says", () => {
    expect(judgeCompile(answer(429, {}, { retryAfter: "7" }), nowMs)).toEqual({ type: "limited", retryAfterMs: 7_000 });
  });

  test("404 says what to do about a server without the route", () => {
    expect(judgeCompile(answer(404), nowMs)).toMatchObject({ type: "unavailable", hint: expect.stringContaining("compile") });
  });

  test("a reason holds nothing that the server echoed", () => {
    const echo = {
      error: { code: "validation_error", details: [{ loc: ["body", "subject_id"], type: "string_type", input: "secret" }] },
    };
    expect(JSON.stringify(judgeCompile(answer(422, echo), nowMs))).not.toContain("secret");
  });
});

describe("the answer about a job", () => {
  test.each([
    ["pending", answer(200, { status: "pending" }), "running"],
    ["running", answer(200, { status: "running" }), "running"],
    ["completed", answer(200, { status: "completed", memories_created: 499 }), "done"],
    [
      "completed with a whole batch, which of an older server is not all",
      answer(200, { status: "completed", memories_created: 500 }),
      "more",
    ],
    ["completed, and longer than what is read", answer(200, '{"status":"completed","memories":[', { isWhole: false }), "more"],
    ["failed", answer(200, { status: "failed", error: "text of the server" }), "failed"],
    ["forgotten", answer(404, { error: "Job not found or expired" }), "failed"],
    ["unavailable", answer(503), "unavailable"],
    ["of another server", answer(200, { ok: true }), "unavailable"],
  ])("%s", (_, given, type) => {
    expect(judgeJob(given, nowMs).type).toBe(type);
  });
});
