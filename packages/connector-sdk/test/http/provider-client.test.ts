import { inspect } from "node:util";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { isProviderError, path } from "../../src/http/index.ts";
import { entry, errorOf, nowMs, openClient, openProvider, signal, startProvider } from "./start-provider.ts";

describe("a request", () => {
  test("goes below the base URL with the headers, the query and the credentials", async () => {
    const { provider, client } = await openProvider(
      { body: { ok: 1 } },
      { headers: { "User-Agent": "acme/1" }, authorize: () => ({ authorization: "Bearer t0ken" }) },
    );
    const { body } = await client.get("tickets", {
      signal,
      query: { page: 2, include: ["a", "b"], q: "a&b", none: undefined, all: true },
    });
    expect(body).toEqual({ ok: 1 });
    expect(provider.seen).toMatchObject([
      {
        method: "GET",
        url: "/tickets?page=2&include=a&include=b&q=a%26b&all=true",
        headers: { "user-agent": "acme/1", accept: "application/json", authorization: "Bearer t0ken" },
      },
    ]);
  });

  test.each(["tickets", "/tickets"])("takes %s as a path below a base URL that has a path itself", async (target) => {
    const provider = await startProvider(() => ({}));
    const { client } = openClient(`${provider.url}/api/v3`);
    await client.get(target, { signal });
    await client.get(`${provider.url}/api/graphql?a=b%20c`, { signal });
    expect(provider.seen.map(({ url }) => url)).toEqual(["/api/v3/tickets", "/api/graphql?a=b%20c"]);
  });

  test.each(["../admin", "tickets/../../admin", "%2e%2E/admin", "..\\admin", "tickets/../users", "tickets/.", ".%2e?x"])(
    "never leaves the path that it names: %s",
    async (target) => {
      const provider = await startProvider(() => ({}));
      const { client } = openClient(`${provider.url}/api`);
      expect(await errorOf(client.get(target, { signal }))).toMatchObject({ code: "ACME_BAD_ANSWER" });
      expect(provider.seen).toEqual([]);
    },
  );

  test("has a path in which each value is one segment", async () => {
    const { provider, client } = await openProvider({ body: {} });
    await client.get(path`repos/${"a/b?c#d"}/issues/${7}`, { signal });
    expect(provider.seen.map(({ url }) => url)).toEqual(["/repos/a%2Fb%3Fc%23d/issues/7"]);
    expect(await errorOf(client.get(path`repos/${".."}/issues`, { signal }))).toMatchObject({ code: "ACME_BAD_ANSWER" });
  });

  test("posts JSON and forms, and sends other methods", async () => {
    const { provider, client } = await openProvider({ body: {} });
    await client.post("a", { signal, body: { json: { deep: [1] } } });
    await client.post("b", { signal, body: { form: { channel: "C 1", limit: 5, cursor: undefined } } });
    await client.request("DELETE", "c", { signal });
    expect(provider.seen.map(({ method, body, headers }) => [method, body, headers["content-type"]])).toEqual([
      ["POST", '{"deep":[1]}', "application/json"],
      ["POST", "channel=C+1&limit=5", "application/x-www-form-urlencoded"],
      ["DELETE", "", undefined],
    ]);
  });

  test("with an ETag may come back as not modified", async () => {
    const { client } = await openProvider(({ headers }) =>
      headers["if-none-match"] === '"1"' ? { status: 304, headers: { etag: '"1"' } } : { headers: { etag: '"1"' }, body: [1] },
    );
    const first = await client.get("list", { signal });
    expect([first.etag, first.body, first.notModified]).toEqual(['"1"', [1], false]);
    const again = await client.get("list", { signal, etag: first.etag });
    expect([again.status, again.body, again.notModified]).toEqual([304, undefined, true]);
  });

  test("with a time of change may come back as not modified", async () => {
    const at = "Sat, 07 Sep 2002 00:00:01 GMT";
    const { client } = await openProvider(({ headers }) =>
      headers["if-modified-since"] === at ? { status: 304 } : { headers: { "last-modified": at }, body: [1] },
    );
    const first = await client.get("list", { signal });
    expect([first.lastModified, first.body]).toEqual([at, [1]]);
    const again = await client.get("list", { signal, lastModified: first.lastModified });
    expect([again.status, again.body, again.notModified]).toEqual([304, undefined, true]);
  });

  test("without an ETag is never not modified", async () => {
    const { client } = await openProvider({ status: 304 });
    expect(await errorOf(client.get("list", { signal }))).toMatchObject({ code: "ACME_BAD_ANSWER" });
  });
});

describe("an answer", () => {
  test("names the next page as a whole URL", async () => {
    const { provider, client } = await openProvider(({ url }) =>
      url === "/list" ? { headers: { link: '</list?after=a%20b>; rel="next", </list>; rel="first"' }, body: [] } : { body: [2] },
    );
    const { next } = await client.get("list", { signal });
    expect(next).toBe(`${provider.url}/list?after=a%20b`);
    const last = await client.get(next ?? "", { signal });
    expect([last.body, last.next]).toEqual([[2], undefined]);
  });

  test.each([
    ["without brackets", "https://a/2; rel=next"],
    ["cut off", "<https://a/2"],
  ])("with a Link header %s is an error and not the last page", async (_, link) => {
    const { client } = await openProvider({ headers: { link }, body: [] });
    expect(await errorOf(client.get("list", { signal }))).toMatchObject({
      code: "ACME_BAD_ANSWER",
      message: `Acme's answer to GET /list for ${entry} has a Link header that cannot be read`,
    });
  });

  test.each([
    ["the provider's, where it is an hour off", "Thu, 01 Jan 2026 01:00:00 GMT", nowMs + 3_600_000],
    ["the provider's, where it is years slow", "Thu, 01 Jan 2015 00:00:00 GMT", Date.UTC(2015, 0, 1)],
    ["ours, where the provider is in 2036", "Tue, 01 Jan 2036 00:00:00 GMT", nowMs],
    ["ours, where the provider names none that can be read", "now", nowMs],
  ])("has the time of %s", async (_, date, dateMs) => {
    const { client } = await openProvider({ headers: { date }, body: {} });
    expect((await client.get("x", { signal })).dateMs).toBe(dateMs);
  });

  test("has no body without content", async () => {
    const { client } = await openProvider((_, response) => void response.writeHead(204).end());
    expect(await client.request("DELETE", "x", { signal })).toMatchObject({ status: 204, body: undefined });
  });

  test("need have no body where the request was no GET", async () => {
    const { client } = await openProvider({ body: "" });
    expect(await client.post("x", { signal, body: { json: {} } })).toMatchObject({ status: 200, body: undefined });
    expect(await client.request("HEAD", "x", { signal })).toMatchObject({ status: 200, body: undefined });
  });

  test("is text where text is wanted, in the charset that the header names", async () => {
    const { client } = await openProvider((_, response) => {
      response.writeHead(200, { "content-type": 'application/rss+xml; charset="ISO-8859-1"' });
      response.end(Buffer.from("<title>Café</title>", "latin1"));
    });
    expect((await client.get("feed", { signal, as: "text" })).body).toBe("<title>Café</title>");
  });

  test("keeps integers beyond 2^53 as text, and all other values as they are", async () => {
    const body = '{"id":9007199254740993,"n":-12345678901234567890,"a":[1,2.5,1e300,"9007199254740993"],"s":9007199254740991}';
    const { client } = await openProvider({ body });
    expect((await client.get("x", { signal })).body).toEqual({
      id: "9007199254740993",
      n: "-12345678901234567890",
      a: [1, 2.5, 1e300, "9007199254740993"],
      s: 9007199254740991,
    });
  });

  test("is validated by a schema", async () => {
    const { client } = await openProvider({ body: { tickets: [{ id: "x\u001b[31m" }] } });
    const loose = v.object({ tickets: v.array(v.object({ id: v.string() })) });
    const strict = v.object({ tickets: v.array(v.object({ id: v.number() })) });
    expect((await client.get("tickets", { signal, schema: loose })).body.tickets[0]?.id).toContain("x");
    const error = await errorOf(client.get("tickets", { signal, schema: strict, about: "the tickets" }));
    expect(error).toMatchObject({
      code: "ACME_BAD_ANSWER",
      message: `Acme's answer to GET /tickets (the tickets) for ${entry} has another form than expected at tickets.0.id`,
    });
  });

  test("makes errors of the connector's own in the same words", async () => {
    const { client } = await openProvider({ body: {} });
    const answer = await client.get("list", { signal, query: { secret: "x" } });
    const error = client.badAnswer(answer, "holds no list");
    expect([error.code, error.message]).toEqual(["ACME_BAD_ANSWER", `Acme's answer to GET /list for ${entry} holds no list`]);
    const lost = client.error({ is: "unavailable", overloaded: true, message: "Acme's GraphQL failed" });
    expect([isProviderError(lost, "unavailable"), lost.overloaded, lost.retryable]).toEqual([true, true, true]);
  });
});

describe("credentials", () => {
  const refusing =
    (good: string) =>
    ({ headers }: { headers: Record<string, unknown> }) =>
      headers["authorization"] === good ? { body: { ok: true } } : { status: 401, body: { message: "Bad credentials" } };

  test("that are refused are forgotten, and the error names the request", async () => {
    const forgotten: unknown[] = [];
    const authorize = { headers: () => ({ authorization: "old" }), forget: (refused: unknown) => forgotten.push(refused) };
    const { provider, client } = await openProvider(refusing("new"), { authorize });
    expect(await errorOf(client.get("me", { signal }))).toMatchObject({
      code: "ACME_UNAUTHORIZED",
      message: `Acme answered 401 to GET /me for ${entry}: Bad credentials`,
      retryable: false,
    });
    expect([forgotten, provider.seen.length]).toEqual([[{ authorization: "old" }], 1]);
  });

  test("that can be renewed are renewed once", async () => {
    const tokens = ["old", "new"];
    const authorize = { renews: true, headers: () => ({ authorization: tokens[0] ?? "" }), forget: () => void tokens.shift() };
    const { client } = await openProvider(refusing("new"), { authorize });
    expect((await client.get("me", { signal })).body).toEqual({ ok: true });

    const endless = { renews: true, headers: () => ({ authorization: "bad" }), forget: () => undefined };
    const { provider, client: refused } = await openProvider(refusing("new"), { authorize: endless });
    expect(await errorOf(refused.get("me", { signal }))).toMatchObject({ code: "ACME_UNAUTHORIZED" });
    expect(provider.seen.length).toBe(2);
  });

  test("that no header can carry are not sent, and not quoted", async () => {
    const { provider, client } = await openProvider({}, { authorize: () => ({ authorization: "Bearer line\nbreak" }) });
    const error = await errorOf(client.get("me", { signal }));
    expect(error).toMatchObject({ code: "ACME_UNAUTHORIZED" });
    expect(inspect(error)).not.toContain("break");
    expect(provider.seen).toEqual([]);
  });
});
