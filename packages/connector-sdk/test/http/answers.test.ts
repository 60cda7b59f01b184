import { describe, expect, test } from "vitest";
import { Secret } from "../../src/index.ts";
import { isOverloaded } from "../../src/paging/index.ts";
import { type AnswerRow, isProviderError, providerCodes, rateLimitRow } from "../../src/http/index.ts";
import { entry, errorOf, nowMs, openClient, openProvider, type PlannedAnswer, signal } from "./start-provider.ts";

const html = { headers: { "content-type": "text/html" }, body: "<!doctype html><title>Sign in</title>" };
const asked = `GET /items for ${entry}`;

async function failureOf(plan: PlannedAnswer, options: Parameters<typeof openProvider>[1] = {}) {
  const { client } = await openProvider(plan, options);
  const error = await errorOf(client.get("items", { signal, query: { since: "x" } }));
  if (!isProviderError(error)) throw new Error(`${String(error)} was thrown`);
  return error;
}

describe("the standard answers", () => {
  test.each<[PlannedAnswer, string, { retryable: boolean; overloaded: boolean }]>([
    [{ status: 400 }, "REFUSED", { retryable: false, overloaded: false }],
    [{ status: 401 }, "UNAUTHORIZED", { retryable: false, overloaded: false }],
    [{ status: 402 }, "FORBIDDEN", { retryable: false, overloaded: false }],
    [{ status: 403 }, "FORBIDDEN", { retryable: false, overloaded: false }],
    [{ status: 404 }, "NOT_FOUND", { retryable: false, overloaded: false }],
    [{ status: 408 }, "UNAVAILABLE", { retryable: true, overloaded: false }],
    [{ status: 409 }, "REFUSED", { retryable: true, overloaded: false }],
    [{ status: 410 }, "NOT_FOUND", { retryable: false, overloaded: false }],
    [{ status: 413 }, "REFUSED", { retryable: false, overloaded: true }],
    [{ status: 418 }, "BAD_ANSWER", { retryable: true, overloaded: false }],
    [{ status: 422 }, "REFUSED", { retryable: false, overloaded: false }],
    [{ status: 425 }, "UNAVAILABLE", { retryable: true, overloaded: false }],
    [{ status: 429 }, "RATE_LIMITED", { retryable: true, overloaded: false }],
    [{ status: 451 }, "BLOCKED", { retryable: false, overloaded: false }],
    [{ status: 500 }, "UNAVAILABLE", { retryable: true, overloaded: true }],
    [{ status: 502 }, "UNAVAILABLE", { retryable: true, overloaded: true }],
    [{ status: 503 }, "UNAVAILABLE", { retryable: true, overloaded: true }],
    [{ status: 503, headers: { "retry-after": "90" } }, "UNAVAILABLE", { retryable: true, overloaded: false }],
    [{ status: 504, ...html }, "UNAVAILABLE", { retryable: true, overloaded: true }],
    [{ status: 524 }, "UNAVAILABLE", { retryable: true, overloaded: true }],
    [{ status: 200, ...html }, "BAD_ANSWER", { retryable: true, overloaded: false }],
    [{ status: 200, body: "once upon a time" }, "BAD_ANSWER", { retryable: true, overloaded: false }],
    [{ status: 200, body: "" }, "BAD_ANSWER", { retryable: true, overloaded: false }],
    [{ status: 200, body: '{"half":' }, "BAD_ANSWER", { retryable: true, overloaded: false }],
    [{ status: 403, ...html }, "BAD_ANSWER", { retryable: true, overloaded: false }],
    [{ status: 404, ...html }, "BAD_ANSWER", { retryable: true, overloaded: false }],
    [{ status: 300 }, "BAD_ANSWER", { retryable: true, overloaded: false }],
  ])("%j is ACME_%s", async (plan, code, { retryable, overloaded }) => {
    const error = await failureOf(plan);
    expect([error.code, error.retryable, error.overloaded, error.status]).toEqual([
      `ACME_${code}`,
      retryable,
      overloaded,
      plan.status,
    ]);
    expect(isOverloaded(error)).toBe(overloaded);
    expect(error.message).toContain(asked);
    expect(providerCodes("ACME")).toContain(error.code);
    expect(error.hint ?? "check").toMatch(/^[a-z]/);
  });

  test("a wrong request is said to be the operator's fault where the provider names the option's parameter, and ours elsewhere", async () => {
    const parameterOptions = { since: "since_default" };
    const answer = (message: string) => failureOf({ status: 422, body: { message } }, { parameterOptions });
    expect((await answer("Validation failed: since is too old")).hint).toBe(
      "correct `since_default`: Acme does not accept its value",
    );
    expect((await answer("sincerity expected")).hint).toContain("report a defect of the connector");
  });

  test("maintenance is waited for, an hour at most", async () => {
    expect(await failureOf({ status: 503, headers: { "retry-after": "90" } })).toMatchObject({ retryAtMs: nowMs + 90_000 });
    expect(await failureOf({ status: 503, headers: { "retry-after": "999999" } })).toMatchObject({
      retryAtMs: nowMs + 3_600_000,
    });
  });

  test("a network that is dead says so with its reason", async () => {
    const { provider, client } = await openProvider({});
    await provider.close();
    expect(await errorOf(client.get("items", { signal, query: { token: "x" } }))).toMatchObject({
      code: "ACME_UNAVAILABLE",
      message: expect.stringMatching(/^GET \/items for .* failed: .*\(ECONNREFUSED\)$/),
      retryable: true,
    });
  });

  test("the network error of the runner keeps its hint", async () => {
    const { ConnectorsError } = await import("../../src/index.ts");
    const fetch = () =>
      Promise.reject(
        new ConnectorsError({ code: "PULL_NETWORK", message: "no way through", hint: "set a proxy", retryable: true }),
      );
    const { clock } = openClient("http://acme.test");
    const { client } = openClient("http://acme.test", { context: { clock, fetch } });
    expect(await errorOf(client.get("items", { signal }))).toMatchObject({
      code: "ACME_UNAVAILABLE",
      message: `${asked} at http://acme.test failed: no way through`,
      hint: "set a proxy",
    });
  });
});

describe("a connector's own rows", () => {
  const slack: AnswerRow = ({ status, body }) => {
    if (status !== 200 || typeof body !== "object" || body === null || !("ok" in body)) return undefined;
    if (body.ok === true) return { is: "ok" };
    const error = "error" in body ? String(body.error) : "";
    return error === "missing_scope"
      ? { is: "forbidden", code: "ACME_MISSING_SCOPE", said: error }
      : { is: "unavailable", said: error };
  };

  test("come before the standard ones, and see answers of every status", async () => {
    const rows: readonly AnswerRow[] = [
      slack,
      { status: [404, 409], is: "gone", hint: "make it" },
      { status: 500, is: "bad_answer" },
    ];
    const failing = (plan: PlannedAnswer) => failureOf(plan, { answers: rows });
    expect(await failing({ body: { ok: false, error: "missing_scope" } })).toMatchObject({
      code: "ACME_MISSING_SCOPE",
      situation: "forbidden",
      message: `Acme answered 200 to ${asked}: missing_scope`,
    });
    expect(await failing({ status: 409 })).toMatchObject({ code: "ACME_NOT_FOUND", hint: "make it" });
    expect(await failing({ status: 500 })).toMatchObject({ code: "ACME_BAD_ANSWER", overloaded: false });
    expect(await failing({ status: 401 })).toMatchObject({ code: "ACME_UNAUTHORIZED" });
  });

  test.each([
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
    "API rate limit already exceeded for user ID 1.",
    "API rate limit exceeded",
  ])("make a limit of a 403 that says %j", async (message) => {
    const answers = [rateLimitRow({ status: 403 })];
    const headers = { "x-ratelimit-remaining": "4000", "x-ratelimit-reset": String(nowMs / 1_000 + 1_800) };
    const rate = { headers: { remaining: "x-ratelimit-remaining", reset: "x-ratelimit-reset" } };
    const error = await failureOf({ status: 403, headers, body: { message } }, { answers, rate });
    expect(error).toMatchObject({ code: "ACME_RATE_LIMITED", retryAtMs: nowMs + 60_000 });
    expect(await failureOf({ status: 403, body: { message: "Resource not accessible" } }, { answers, rate })).toMatchObject({
      code: "ACME_FORBIDDEN",
    });
    const usedUp = { ...headers, "x-ratelimit-remaining": "0" };
    expect(await failureOf({ status: 403, headers: usedUp, body: {} }, { answers, rate })).toMatchObject({
      code: "ACME_RATE_LIMITED",
      retryAtMs: nowMs + 1_801_000,
    });
  });

  test("know what the request was about", async () => {
    const answers: readonly AnswerRow[] = [({ about }) => ({ is: "not_found", message: `there is no channel ${about}` })];
    const { client } = await openProvider({}, { answers });
    expect(await errorOf(client.get("x", { signal, about: "#a\u0007" }))).toMatchObject({
      message: "there is no channel #a\\u0007",
    });
  });

  test("may give hints that depend on the answer", async () => {
    const hints = {
      forbidden: ({ headers }: { headers: Headers }) => `grant ${headers.get("x-needs")}`,
      unauthorized: "set `token`",
    };
    expect(await failureOf({ status: 403, headers: { "x-needs": "read" } }, { hints })).toMatchObject({ hint: "grant read" });
    expect(await failureOf({ status: 401 }, { hints })).toMatchObject({ hint: "set `token`" });
  });
});

describe("a provider's words", () => {
  test.each<[unknown, string]>([
    [{ message: "Not Found", documentation_url: "https://x" }, "Not Found"],
    [{ error: "RecordNotFound", description: "Not found" }, "RecordNotFound: Not found"],
    [{ error: { title: "Forbidden", message: "You do not have access" } }, "Forbidden: You do not have access"],
    [{ error: "invalid_grant", error_description: "Token has been revoked" }, "invalid_grant: Token has been revoked"],
    [
      { type: "error.list", errors: [{ code: "token_not_found", message: "Access Token Invalid" }] },
      "Access Token Invalid: token_not_found",
    ],
    [
      { description: "Validation failed", errors: [{ field: "since", message: "bad", code: "invalid" }] },
      "Validation failed: bad: invalid: since",
    ],
    [{ title: "Gone", detail: "It was removed", status: 410 }, "Gone: It was removed"],
    ["Too many requests", "Too many requests"],
    [{ nothing: "known" }, ""],
    [[], ""],
    [{ message: { message: { message: { message: { message: "deep" } } } } }, ""],
  ])("in %j are %j", async (body, words) => {
    const { message } = await failureOf({ status: 418, body });
    expect(message).toBe(`Acme answered 418 to ${asked}${words === "" ? "" : `: ${words}`}`);
  });

  test("are one line of at most 200 characters without query strings, secrets and characters that drive a terminal", async () => {
    const token = new Secret("s3cret-token-of-acme");
    const said = `\u001b[31mNo\u0007 route\r\n matches GET /items?since=x&key=y with ${token.reveal()} ${"💥".repeat(200)}`;
    const { message } = await failureOf({ status: 400, body: { message: said } });
    expect(message).toContain(": \\u001b[31mNo\\u0007 route matches GET /items?… with *** 💥");
    expect(message.length - `Acme answered 400 to ${asked}: `.length).toBeLessThanOrEqual(200);
    expect(message.isWellFormed()).toBe(true);
  });

  test("show no part of a secret that is cut off", async () => {
    const token = new Secret("another-s3cret-token-of-acme");
    const { message } = await failureOf({ status: 400, body: { message: `${"x".repeat(185)}${token.reveal()}` } });
    expect(message).not.toContain("another");
  });

  test("of what a request is about are cleaned, too", async () => {
    const { client } = await openProvider({ status: 404 });
    const error = await errorOf(client.get("c/\u001b[2J%0a", { signal, about: "#general\u001b[2J" }));
    expect(error).toMatchObject({
      message: `Acme answered 404 to GET /c/%1B[2J%0a (#general\\u001b[2J) for ${entry}`,
    });
  });
});
