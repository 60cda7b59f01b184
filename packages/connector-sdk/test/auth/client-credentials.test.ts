import { describe, expect, test } from "vitest";
import { bearer, type ClientCredentials, clientCredentials } from "../../src/auth/index.ts";
import { ProviderClient } from "../../src/http/index.ts";
import { type ConnectorsError, describeError, Secret } from "../../src/index.ts";
import { HandClock } from "../hand-clock.ts";
import { type EndpointAnswer, startTokenEndpoint } from "./token-endpoint.ts";

const { signal: patient } = new AbortController();
const clientSecret = "s3cr3t: of+the/client&more";
const client = (tokenUrl: string, overrides: Partial<ClientCredentials> = {}): ClientCredentials => ({
  tokenUrl,
  clientId: "acme app",
  clientSecret: new Secret(clientSecret),
  codePrefix: "ACME",
  provider: "Acme",
  entry: '[[pull.acme]] name = "main"',
  ...overrides,
});
const world = (clock = new HandClock()) => ({ clock, fetch: globalThis.fetch });

/** What one request for a token throws when the endpoint answers like this. */
async function failure(answer: EndpointAnswer, overrides: Partial<ClientCredentials> = {}): Promise<ConnectorsError> {
  await using endpoint = await startTokenEndpoint(() => answer);
  const source = clientCredentials(client(endpoint.url, overrides), world());
  return await source.token(patient).then(
    () => Promise.reject(new Error("a token was given")),
    (error: ConnectorsError) => error,
  );
}

describe("the grant", () => {
  test("is a POSTed form, with the client in the Authorization header, form-encoded before base64", async () => {
    await using endpoint = await startTokenEndpoint(() => ({ body: { access_token: "granted-1", expires_in: 1_800 } }));
    const source = clientCredentials(client(endpoint.url, { scope: "read write", parameters: { audience: "api" } }), world());
    expect((await source.token(patient)).reveal()).toBe("granted-1");
    const [call] = endpoint.calls;
    expect(call).toMatchObject({
      method: "POST",
      form: { grant_type: "client_credentials", scope: "read write", audience: "api" },
      headers: {
        "content-type": expect.stringContaining("application/x-www-form-urlencoded") as string,
        accept: "application/json",
      },
    });
    const sent = Buffer.from(call?.headers.authorization?.slice("Basic ".length) ?? "", "base64").toString();
    expect(sent).toBe("acme+app:s3cr3t%3A+of%2Bthe%2Fclient%26more");
    expect(call?.form).not.toHaveProperty("client_secret");
  });

  test("has the client in the form where the provider wants it there, and no scope when none is set", async () => {
    await using endpoint = await startTokenEndpoint(() => ({ body: { access_token: "granted-1" } }));
    await clientCredentials(client(endpoint.url, { sendIn: "form" }), world()).token(patient);
    expect(endpoint.calls[0]?.form).toEqual({
      grant_type: "client_credentials",
      client_id: "acme app",
      client_secret: clientSecret,
    });
    expect(endpoint.calls[0]?.headers.authorization).toBeUndefined();
  });

  test.each([1_800, "1800"])("is repeated five minutes before the end of a token with expires_in %j", async (expiresIn) => {
    let granted = 0;
    await using endpoint = await startTokenEndpoint(() => ({
      body: { access_token: `granted-${(granted += 1)}`, expires_in: expiresIn },
    }));
    const clock = new HandClock();
    const source = clientCredentials(client(endpoint.url), world(clock));
    await source.token(patient);
    await clock.advance(25 * 60_000 - 1);
    expect((await source.token(patient)).reveal()).toBe("granted-1");
    await clock.advance(1);
    expect((await source.token(patient)).reveal()).toBe("granted-2");
  });

  test.each(["soon", -1, null, {}])(
    "of an answer with expires_in %j is kept until it is refused or replaced",
    async (expiresIn) => {
      await using endpoint = await startTokenEndpoint(() => ({ body: { access_token: "granted-1", expires_in: expiresIn } }));
      const source = clientCredentials(client(endpoint.url), world());
      await source.token(patient);
      await source.token(patient);
      expect(endpoint.calls).toHaveLength(1);
    },
  );
});

describe("a refusal", () => {
  test.each([
    [400, "invalid_client"],
    [401, "invalid_client"],
    [200, "invalid_client"],
    [400, "unauthorized_client"],
    [400, "invalid_grant"],
  ])("%i %s is UNAUTHORIZED with a hint that names the options", async (status, error) => {
    const thrown = await failure({ status, body: { error, error_description: "Client authentication failed." } });
    expect(thrown).toMatchObject({
      code: "ACME_UNAUTHORIZED",
      message: `Acme answered ${status} to POST /oauth/tokens for [[pull.acme]] name = "main": ${error}: Client authentication failed.`,
      hint: "set `client_id` and `client_secret` to those of a client that Acme accepts",
      retryable: false,
    });
  });

  test.each([401, 403])("%i without an OAuth error is UNAUTHORIZED, too", async (status) => {
    expect(await failure({ status, body: {} })).toMatchObject({ code: "ACME_UNAUTHORIZED", retryable: false });
  });

  test("of the request itself is REFUSED, and no reason to change the client", async () => {
    const thrown = await failure({ status: 400, body: { error: "unsupported_grant_type" } });
    expect(thrown).toMatchObject({ code: "ACME_REFUSED", retryable: false });
  });

  test("of a scope names the scope", async () => {
    const thrown = await failure({ status: 400, body: { error: "invalid_scope" } }, { scope: "tickets:read" });
    expect(thrown).toMatchObject({
      code: "ACME_FORBIDDEN",
      hint: "allow the client the scope `tickets:read`",
      retryable: false,
    });
  });

  test.each([500, 502, 503, 504, 408])("%i is UNAVAILABLE and retryable", async (status) => {
    expect(await failure({ status, body: "" })).toMatchObject({ code: "ACME_UNAVAILABLE", retryable: true, hint: undefined });
  });

  test.each([
    ["120", 120_000],
    ["0", 1_000],
    ["99999999", 86_400_000],
    ["", 60_000],
    ["soon", 60_000],
  ])("429 with Retry-After %j waits", async (retryAfter, waitMs) => {
    const thrown = await failure({ status: 429, headers: retryAfter === "" ? {} : { "retry-after": retryAfter }, body: "" });
    expect(thrown).toMatchObject({ code: "ACME_RATE_LIMITED", retryAtMs: new HandClock().now() + waitMs });
  });

  test.each<[string, EndpointAnswer]>([
    ["a page instead of JSON", { headers: { "content-type": "text/html" }, body: "<html>" }],
    ["an object without a token", { body: {} }],
    ["an empty token", { body: { access_token: "" } }],
    ["a token that is no text", { body: { access_token: 7 } }],
    ["a token that no header can carry", { body: { access_token: "a\r\nb" } }],
    ["null", { body: "null" }],
    ["a list", { body: ["access_token"] }],
    ["more than 256 KiB", { body: { access_token: "x".repeat(300_000) } }],
    ["a redirect", { status: 307, headers: { location: "http://127.0.0.1:9/elsewhere" }, body: "" }],
    ["404", { status: 404, body: "no such page" }],
  ])("%s is BAD_ANSWER", async (_, answer) => {
    expect(await failure(answer)).toMatchObject({ code: "ACME_BAD_ANSWER" });
  });

  test("names neither the secret, nor the minted token, nor more than 200 characters of the provider's words", async () => {
    const description = `the secret ${clientSecret} of\n\u202eacme is wrong ${"!".repeat(5_000)}`;
    const thrown = await failure({ status: 400, body: { error: "invalid_client", error_description: description } });
    expect(describeError(thrown)).not.toContain("of+the/client");
    expect(thrown.message.length).toBeLessThan(400);
    expect(thrown.message).toContain(" \\u202eacme");
  });
});

describe("an endpoint that cannot be reached", () => {
  test("is UNAVAILABLE and retryable", async () => {
    const endpoint = await startTokenEndpoint(() => undefined);
    await endpoint[Symbol.asyncDispose]();
    const thrown = clientCredentials(client(endpoint.url), world()).token(patient);
    await expect(thrown).rejects.toMatchObject({
      code: "ACME_UNAVAILABLE",
      retryable: true,
    });
  });

  test("is given up after 30 seconds", async () => {
    await using endpoint = await startTokenEndpoint(() => undefined);
    const clock = new HandClock();
    const called = endpoint.nextCall();
    const thrown = clientCredentials(client(endpoint.url), world(clock))
      .token(patient)
      .catch((error: unknown) => error);
    await called;
    await clock.advance(30_000);
    expect(await thrown).toMatchObject({
      code: "ACME_UNAVAILABLE",
      message: 'Acme did not finish its answer to POST /oauth/tokens for [[pull.acme]] name = "main" within 30 s',
      retryable: true,
    });
  });

  test("is left at once when the caller leaves, with the caller's reason", async () => {
    await using endpoint = await startTokenEndpoint(() => undefined);
    const leaving = new AbortController();
    const called = endpoint.nextCall();
    const thrown = clientCredentials(client(endpoint.url), world())
      .token(leaving.signal)
      .catch((error: unknown) => error);
    await called;
    leaving.abort(new Error("the run is over"));
    expect(await thrown).toMatchObject({ message: "the run is over" });
  });
});

describe("a provider client with these credentials", () => {
  async function requestWith(accepts: (authorization: string) => boolean, requests: number) {
    let granted = 0;
    await using endpoint = await startTokenEndpoint(({ url, headers: { authorization = "" } }) => {
      if (url === "/oauth/tokens") return { body: { access_token: `granted-${(granted += 1)}`, expires_in: 1_800 } };
      return accepts(authorization) ? { body: { as: authorization } } : { status: 401, body: {} };
    });
    const context = world();
    const names = { provider: "Acme", codePrefix: "ACME", entry: '[[pull.acme]] name = "main"' };
    const authorize = bearer(clientCredentials(client(endpoint.url), context), { account: "acme app" });
    const api = new ProviderClient({ ...names, baseUrl: new URL(endpoint.url).origin, authorize, context });
    const results: unknown[] = [];
    for (let request = 0; request < requests; request += 1) {
      results.push(
        await api.get("/tickets", { signal: patient }).then(
          ({ body }) => body,
          (error: unknown) => (error as ConnectorsError).code,
        ),
      );
    }
    return { results, granted };
  }

  test("sends a request again with a new token when the provider refuses the old one before its time", async () => {
    const { results, granted } = await requestWith((authorization) => authorization !== "Bearer granted-1", 2);
    expect([results, granted]).toEqual([[{ as: "Bearer granted-2" }, { as: "Bearer granted-2" }], 2]);
  });

  test("mints two tokens, and not two for each request, when every token is refused", async () => {
    const { results, granted } = await requestWith(() => false, 10);
    expect([new Set(results), granted]).toEqual([new Set(["ACME_UNAUTHORIZED"]), 2]);
  });
});
