import { describe, expect, it } from "vitest";
import { classifyAnswer } from "../../../src/sinks/statewave/classify-answer.ts";

const nowMs = Date.UTC(2026, 0, 1);

function classify(status: number, body: unknown = "", headers: { retryAfter?: string } = {}) {
  return classifyAnswer({ status, body: typeof body === "string" ? body : JSON.stringify(body), ...headers }, nowMs);
}

const error = (code: string, details?: unknown) => ({
  error: { code, message: "m", ...(details === undefined ? {} : { details }) },
});

describe("an answer of Statewave", () => {
  it.each([200, 201, 202, 204])("%i means stored", (status) => {
    expect(classify(status)).toEqual({ type: "accepted" });
  });

  it.each([
    [500, true],
    [501, false],
    [502, false],
    [503, false],
    [504, false],
    [599, false],
    [408, false],
    [425, false],
  ])("%i fails, and points at the batch: %s", (status, suspect) => {
    expect(classify(status, error("internal_error"))).toEqual({ type: "failed", reason: `${status} internal_error`, suspect });
  });

  it("503 with Retry-After says when", () => {
    expect(classify(503, error("service_unavailable"), { retryAfter: "5" })).toMatchObject({
      type: "failed",
      retryAfterMs: 5000,
    });
  });

  it.each([
    ["7", 7000],
    ["1.5", 1500],
    ["0", 1000],
    ["Thu, 01 Jan 2026 00:02:00 GMT", 120_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 1000],
    ["99999999", 24 * 60 * 60 * 1000],
    ["soon", 60_000],
    [undefined, 60_000],
  ])("429 with Retry-After %s waits so long", (retryAfter, retryAfterMs) => {
    expect(classify(429, error("rate_limited"), retryAfter === undefined ? {} : { retryAfter })).toEqual({
      type: "limited",
      retryAfterMs,
    });
  });

  it.each([
    [400, "missing_tenant", "tenant_id"],
    [401, "missing_api_key", "api_key"],
    [403, "invalid_api_key", "api_key"],
    [403, "residency.mismatch", "region"],
    [404, "http_error", "url"],
    [405, "http_error", "url"],
    [301, "", "redirect"],
    [308, "", "redirect"],
  ])("%i %s stops the sink and says what to change", (status, code, hint) => {
    const result = classify(status, code === "" ? "" : error(code));
    expect(result).toMatchObject({ type: "stopped", reason: code === "" ? `${status}` : `${status} ${code}` });
    expect(result).toHaveProperty("hint", expect.stringContaining(hint));
  });

  it.each([400, 402, 409, 418, 431])("%i without a known code stops the sink too", (status) => {
    const hint = "look at the log of Statewave, or of the proxy in front of it";
    expect(classify(status, "nonsense")).toEqual({ type: "stopped", reason: `${status}`, hint });
  });

  it("400 for a body that it cannot read is the batch's fault, not that of the tenant: it is narrowed like a 500", () => {
    expect(classify(400, error("http_error"))).toEqual({ type: "failed", reason: "400 http_error", suspect: true });
  });
});

describe("a refusal", () => {
  const issue = (index: number, field = "subject_id") => ({
    type: "string_too_long",
    loc: ["body", "episodes", index, field],
    msg: "String should have at most 256 characters",
    input: "the customer's secret",
  });

  it("names the items by loc, in either shape, without echoing the input", () => {
    const expected = { type: "refused", reason: expect.stringContaining("subject_id (string_too_long)"), indexes: [3, 7] };
    expect(classify(422, error("validation_error", [issue(7), issue(3), issue(3, "type")]))).toEqual(expected);
    expect(classify(422, { detail: [issue(7), issue(3)] })).toEqual(expected);
    expect(JSON.stringify(classify(422, error("validation_error", [issue(3)])))).not.toContain("secret");
  });

  it("leaves the indexes out when the whole batch is meant", () => {
    const issueOfAll = { type: "too_long", loc: ["body", "episodes"], msg: "List should have at most 100 items", input: [] };
    expect(classify(422, error("validation_error", [issueOfAll]))).toEqual({
      type: "refused",
      reason: "422 validation_error: the batch (too_long)",
    });
    expect(classify(422, "not json")).toEqual({ type: "refused", reason: "422" });
    expect(classify(413, "<html>")).toEqual({ type: "refused", reason: "413" });
  });

  it("reads the indexes out of a body that was cut off, and is not fooled by a text that quotes a loc", () => {
    const fake = { ...issue(12), input: '"loc":["body","episodes",99]' };
    const body = JSON.stringify(error("validation_error", [fake, issue(30)])).slice(0, -20);
    expect(classify(422, body)).toMatchObject({ type: "refused", indexes: [12, 30] });
  });

  it("does not repeat a code or field that is not a plain word", () => {
    const result = classify(
      422,
      error("x".repeat(100), [{ type: "a b", loc: ["body", "episodes", 1, "has space"], msg: "", input: "" }]),
    );
    expect(result).toEqual({ type: "refused", reason: "422: the batch", indexes: [1] });
  });
});
