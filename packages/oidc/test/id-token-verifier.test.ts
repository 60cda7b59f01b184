import { createHmac } from "node:crypto";
import type { Refusal } from "@statewave-connectors/connector-sdk";
import { decideWebhook } from "@statewave-connectors/connector-sdk/receive";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import type { JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IdTokenExpectation, idTokenVerifier } from "../src/index.ts";
import { ecKey, rsaKey, sign, startIssuer } from "./start-issuer.ts";

const google = rsaKey("key-1");
const next = rsaKey("key-2");
const foreign = rsaKey("key-1");
const elliptic = ecKey("key-ec");

let issuer: Awaited<ReturnType<typeof startIssuer>>;
beforeAll(async () => {
  issuer = await startIssuer(google);
});
afterAll(() => issuer[Symbol.asyncDispose]());

const sender = "pusher@project.iam.gserviceaccount.com";
const audience = "https://hooks.example.com/gmail/inbox/events";
const expectation = (jwksUrl = issuer.jwksUrl): IdTokenExpectation => ({
  jwksUrl,
  issuers: ["https://accounts.google.com", "accounts.google.com"],
  audiences: [audience],
  audienceOption: "audience",
  emails: [sender],
});

function claims(nowMs: number, changed: Readonly<Record<string, unknown>> = {}): JWTPayload {
  const now = Math.floor(nowMs / 1_000);
  const sound = {
    iss: "https://accounts.google.com",
    aud: audience,
    email: sender,
    email_verified: true,
    iat: now - 10,
    exp: now + 3_590,
  };
  return Object.fromEntries(Object.entries({ ...sound, ...changed }).filter(([, value]) => value !== undefined));
}

/** A receiver's verification, on a clock of its own. */
function open(overrides: Partial<IdTokenExpectation> = {}) {
  const clock = new FakeClock();
  const source = { kind: "gmail", name: "inbox" };
  const verify = idTokenVerifier({ ...expectation(), ...overrides }, { source, clock, fetch: globalThis.fetch });
  const judge = async (authorization: string | undefined, signal = new AbortController().signal) => {
    const headers = authorization === undefined ? {} : { authorization };
    return verify({ method: "POST", path: "/", headers, body: Buffer.from("{}"), receivedAtMs: clock.now() }, signal);
  };
  const judgeToken = async (token: string): Promise<Refusal["reason"] | "admitted"> =>
    (await judge(`Bearer ${token}`))?.reason ?? "admitted";
  return { clock, verify, judge, judgeToken };
}

describe("a token of the sender", () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ["as Google makes it", {}],
    ["of the issuer's other name", { iss: "accounts.google.com" }],
  ])("is admitted %s", async (_, changed) => {
    const { clock, judgeToken } = open();
    expect(await judgeToken(await sign(claims(clock.now(), changed), google))).toBe("admitted");
  });

  test("is admitted whatever the case of `Bearer`", async () => {
    const { clock, judge } = open();
    const token = await sign(claims(clock.now()), google);
    expect([await judge(`bearer ${token}`), await judge(`BEARER ${token}`)]).toEqual([undefined, undefined]);
  });

  test("is admitted up to the tolerance outside its time", async () => {
    const { clock, judgeToken } = open();
    const now = clock.now() / 1_000;
    expect(await judgeToken(await sign(claims(0, { iat: now - 3_659, exp: now - 59 }), google))).toBe("admitted");
    expect(await judgeToken(await sign(claims(0, { iat: now + 60, exp: now + 3_660 }), google))).toBe("admitted");
  });

  test("by another algorithm is admitted where that is allowed", async () => {
    await issuer.publish(google, elliptic);
    const { clock, judgeToken } = open({ algorithms: ["RS256", "ES256"] });
    expect(await judgeToken(await sign(claims(clock.now()), elliptic))).toBe("admitted");
    expect(await open().judgeToken(await sign(claims(clock.now()), elliptic))).toBe("signature_malformed");
    await issuer.publish(google);
  });

  test("is tried with both keys where the issuer gives two of them one name", async () => {
    const renamed = { ...next, kid: "key-1" };
    await issuer.publish(renamed, google);
    const { clock, judgeToken } = open();
    for (const key of [renamed, google]) expect(await judgeToken(await sign(claims(clock.now()), key))).toBe("admitted");
    expect(await judgeToken(await sign(claims(clock.now()), foreign))).toBe("signature_invalid");
    await issuer.publish(google);
  });
});

describe("a token that proves nothing is refused", () => {
  test.each<[string, Readonly<Record<string, unknown>>, Refusal["reason"], RegExp]>([
    [
      "for another audience",
      { aud: "https://elsewhere.example.com" },
      "signature_invalid",
      /^set `audience` .*this token is for https:\/\/elsewhere\.example\.com$/,
    ],
    ["for an audience in another case", { aud: audience.toUpperCase() }, "signature_invalid", /`audience`/],
    ["without an audience", { aud: undefined }, "signature_invalid", /`audience`/],
    [
      "for several audiences",
      { aud: ["https://other.example.com", audience] },
      "signature_invalid",
      /one audience: .*other\.example/,
    ],
    ["for a list of one audience", { aud: [audience] }, "signature_invalid", /one audience/],
    [
      "of another issuer",
      { iss: "https://accounts.example.com" },
      "signature_invalid",
      /`iss` is https:\/\/accounts\.example\.com/,
    ],
    ["without an issuer", { iss: undefined }, "signature_invalid", /`iss`/],
    ["of another account", { email: "evil@project.iam.gserviceaccount.com" }, "signature_invalid", /`emails`.*evil@/],
    ["of no account", { email: undefined }, "signature_invalid", /`emails`/],
    ["whose email is not verified", { email_verified: false }, "signature_invalid", /`emails`/],
    ["whose email is verified as a text", { email_verified: "true" }, "signature_invalid", /`emails`/],
    ["without an end", { exp: undefined }, "signature_invalid", /`exp`/],
    ["without a beginning", { iat: undefined }, "signature_invalid", /`iat`/],
    ["with an end that is a text", { exp: "soon" }, "signature_invalid", /`exp`/],
  ])("%s", async (_, changed, reason, hint) => {
    const { clock, judge } = open();
    const refusal = await judge(`Bearer ${await sign(claims(clock.now(), changed), google)}`);
    expect(refusal).toMatchObject({ reason, hint: expect.stringMatching(hint) as string, challenge: "Bearer" });
  });

  test.each([
    ["expired", { iat: -3_700, exp: -100 }, 100_000],
    ["not yet valid", { nbf: 100 }, -100_000],
    ["made in the future", { iat: 100, exp: 3_700 }, -100_000],
    ["that ends in more than a day", { iat: -10, exp: 86_500 }, -86_500_000],
    ["older than a day, though it has not ended", { iat: -86_500, exp: 100 }, 86_500_000],
  ])("%s, with the distance of the clocks", async (_, offsets, skewMs) => {
    const { clock, judge } = open();
    const now = clock.now() / 1_000;
    const times = Object.fromEntries(Object.entries(offsets).map(([claim, offset]) => [claim, now + offset]));
    const refusal = await judge(`Bearer ${await sign(claims(clock.now(), times), google)}`);
    expect(refusal).toMatchObject({ reason: "timestamp_stale", skewMs });
  });

  test("signed with another key under the same name", async () => {
    const { clock, judgeToken } = open();
    expect(await judgeToken(await sign(claims(clock.now()), foreign))).toBe("signature_invalid");
  });

  test("that names no key, without a look at the issuer's keys", async () => {
    const { clock, judgeToken } = open();
    const before = issuer.calls.length;
    expect(await judgeToken(await sign(claims(clock.now()), { ...google, kid: undefined }))).toBe("signature_invalid");
    expect(issuer.calls.length).toBe(before);
  });

  test("with a changed claim", async () => {
    const { clock, judgeToken } = open();
    const [header, , signature] = (await sign(claims(clock.now()), google)).split(".");
    const payload = Buffer.from(JSON.stringify(claims(clock.now(), { email: "evil@example.com" }))).toString("base64url");
    expect(await judgeToken(`${header}.${payload}.${signature}`)).toBe("signature_invalid");
  });

  test("signed with the public key as a shared secret, or not at all", async () => {
    const { clock, judgeToken } = open();
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const statement = `${part({ alg: "HS256", kid: "key-1" })}.${part(claims(clock.now()))}`;
    const pem = google.publicKey.export({ format: "pem", type: "spki" });
    const confused = `${statement}.${createHmac("sha256", pem).update(statement).digest("base64url")}`;
    const unsigned = `${part({ alg: "none" })}.${part(claims(clock.now()))}.`;
    expect([await judgeToken(confused), await judgeToken(unsigned)]).toEqual(["signature_malformed", "signature_malformed"]);
  });

  test("whatever else stands in the header, without a look at the issuer's keys", async () => {
    const { judge } = open();
    const before = issuer.calls.length;
    const nonsense = [
      "",
      " ",
      "Bearer",
      "Bearer ",
      "Bearer  a.b.c",
      "Basic dTpw",
      "Bearer a",
      "Bearer a.b",
      "Bearer a.b.c",
      "Bearer ..",
      "Bearer a.b.c.d.e",
      `Bearer ${"a".repeat(1_000_000)}`,
      `Bearer ${"a.".repeat(1_000)}`,
      "Bearer \u00e9.\u00e9.\u00e9",
      "Bearer e30.e30.e30",
    ];
    for (const authorization of nonsense) expect((await judge(authorization))?.reason).toBe("signature_malformed");
    expect((await judge(undefined))?.reason).toBe("signature_missing");
    expect(issuer.calls.length).toBe(before);
  });

  test("of years ago, signed with a key that its issuer no longer publishes", async () => {
    const { judgeToken } = open();
    const old = await sign(claims(Date.UTC(2020, 0, 1)), rsaKey("7d680d8c70d44e947133cbd499ebc1a61c3d5abc"));
    expect(await judgeToken(old)).toBe("signature_invalid");
  });
});

describe("the issuer's keys", () => {
  const isolated = async (...keys: Parameters<typeof startIssuer>) => {
    const server = await startIssuer(...keys);
    const opened = open({ jwksUrl: server.jwksUrl });
    const token = (key = google) => sign(claims(opened.clock.now()), key);
    return { server, token, ...opened };
  };

  test("are fetched once for requests that come together, and kept for an hour", async () => {
    const { server, token, clock, judgeToken } = await isolated(google);
    await using _ = server;
    const judged = await Promise.all(Array.from({ length: 20 }, async () => judgeToken(await token())));
    expect([new Set(judged), server.calls.length]).toEqual([new Set(["admitted"]), 1]);
    clock.set(clock.now() + 3_599_000);
    await judgeToken(await token());
    expect(server.calls).toHaveLength(1);
    clock.set(clock.now() + 1_000);
    await judgeToken(await token());
    expect(server.calls).toHaveLength(2);
  });

  test("are fetched again when a token names another key, so that a rotation refuses no request", async () => {
    const { server, token, clock, judgeToken } = await isolated(google);
    await using _ = server;
    await judgeToken(await token());
    await server.publish(google, next);
    clock.set(clock.now() + 31_000);
    expect([await judgeToken(await token(next)), await judgeToken(await token())]).toEqual(["admitted", "admitted"]);
    expect(server.calls).toHaveLength(2);
  });

  test("are fetched once in 30 seconds, however many tokens name a key that does not exist", async () => {
    const { server, token, clock, judgeToken } = await isolated(google);
    await using _ = server;
    const unknown = rsaKey("no-such-key");
    for (let count = 0; count < 20; count += 1) expect(await judgeToken(await token(unknown))).toBe("signature_invalid");
    expect(server.calls).toHaveLength(1);
    clock.set(clock.now() + 30_000);
    for (let count = 0; count < 20; count += 1) expect(await judgeToken(await token(unknown))).toBe("signature_invalid");
    expect(server.calls).toHaveLength(2);
  });

  test.each<[string, Parameters<Awaited<ReturnType<typeof startIssuer>>["answerWith"]>[0]]>([
    ["an outage", () => ({ status: 503, body: "" })],
    ["404", () => ({ status: 404, body: {} })],
    ["a page", () => ({ headers: { "content-type": "text/html" }, body: "<html>" })],
    ["an object without keys", () => ({ body: {} })],
    ["keys that are none", () => ({ body: { keys: "all" } })],
    ["more than 512 KiB", () => ({ body: { keys: [], padding: "x".repeat(600_000) } })],
    ["a redirect elsewhere", () => ({ status: 302, headers: { location: "http://127.0.0.1:9/" }, body: "" })],
  ])(
    "that cannot be fetched, because the issuer answers with %s, are no reason to refuse: it is tried again",
    async (_what, answer) => {
      const { server, token, clock, judge } = await isolated(google);
      await using _ = server;
      server.answerWith(answer);
      const unavailable = { code: "PUSH_KEYS_UNAVAILABLE", retryable: true };
      await expect(judge(`Bearer ${await token()}`)).rejects.toMatchObject(unavailable);
      await expect(judge(`Bearer ${await token()}`)).rejects.toMatchObject(unavailable);
      expect(server.calls).toHaveLength(1);

      server.answerWith(undefined);
      clock.set(clock.now() + 30_000);
      expect(await judge(`Bearer ${await token()}`)).toBeUndefined();
    },
  );

  test("that were fetched serve for a day while the issuer is down, and an unknown key is then no reason to refuse", async () => {
    const { server, token, clock, judge, judgeToken } = await isolated(google);
    await using _ = server;
    await judgeToken(await token());
    server.answerWith(() => ({ status: 500, body: "" }));
    clock.set(clock.now() + 23 * 3_600_000);
    expect(await judgeToken(await token())).toBe("admitted");
    await expect(judge(`Bearer ${await token(next)}`)).rejects.toMatchObject({ code: "PUSH_KEYS_UNAVAILABLE" });
    clock.set(clock.now() + 3_600_000);
    await expect(judge(`Bearer ${await token()}`)).rejects.toMatchObject({ code: "PUSH_KEYS_UNAVAILABLE" });
  });

  test("that do not arrive are given up before the receiver's three seconds, under their own name", async () => {
    const { server, token, clock, verify } = await isolated(google);
    await using _ = server;
    server.answerWith(() => undefined);
    const called = server.nextCall();
    const request = {
      method: "POST",
      path: "/",
      headers: { authorization: `Bearer ${await token()}` },
      body: Buffer.from("{}"),
      receivedAtMs: clock.now(),
    };
    const receiver = {
      verify,
      async *pages() {
        yield { episodes: [] };
      },
    };
    const decided = Promise.resolve(decideWebhook(receiver, request, { clock })).catch((error: unknown) => error);
    await called;
    await clock.advance(2_500);
    expect(await decided).toMatchObject({ code: "PUSH_KEYS_UNAVAILABLE", retryable: true });
  });

  test("are not waited for by a request that has left", async () => {
    const { server, token, judge } = await isolated(google);
    await using _ = server;
    server.answerWith(() => undefined);
    const leaving = new AbortController();
    const called = server.nextCall();
    const judged = judge(`Bearer ${await token()}`, leaving.signal).catch((error: unknown) => error);
    await called;
    leaving.abort(new Error("left"));
    expect(await judged).toMatchObject({ message: "left" });
  });
});
