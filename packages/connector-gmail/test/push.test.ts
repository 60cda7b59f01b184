import { createHmac, createPublicKey, generateKeyPairSync } from "node:crypto";
import { type Connector, ConnectorsError, type Received } from "@statewave-connectors/connector-sdk";
import { toFetchHandler } from "@statewave-connectors/connector-sdk/receive";
import { openReceiver } from "@statewave-connectors/testing";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { OAuth2Client } from "google-auth-library";
import { type CryptoKey, exportJWK, importPKCS8, SignJWT, type JWTPayload } from "jose";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { connector, gmailConnector } from "../src/index.ts";
import { startFakeGoogle } from "../src/testing/index.ts";

const email = "pusher@fake-project.iam.gserviceaccount.com";
const audience = "https://hooks.example.com/gmail/inbox/events";
const pathToken = "a-token-of-many-letters";
const data = Buffer.from('{"emailAddress":"User@Example.com","historyId":"1234567890"}').toString("base64");
const notification = JSON.stringify({ message: { data, messageId: "7" }, subscription: "projects/p/subscriptions/s" });

interface Sent {
  readonly token?: string | undefined;
  readonly body?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A receiver on a clock of its own, and Google, which publishes the keys of its ID tokens. */
async function open(options: Readonly<Record<string, unknown>> = {}, made: Connector = connector) {
  const clock = new FakeClock();
  const google = await startFakeGoogle({ nowMs: () => clock.now() });
  onTestFinished(() => google.close().catch(() => undefined));
  const oidc = { audience, expected_emails: [email], jwks_uri: google.jwksUrl };
  const { receiver } = await openReceiver(made, { oidc, ...options }, { clock, twin: "inbox" });
  const request = ({ token, body = notification, path = "/gmail/inbox/events", headers = {} }: Sent) => ({
    method: "POST",
    path,
    headers: { "content-type": "application/json", ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: Buffer.from(body),
    receivedAtMs: clock.now(),
  });
  const receive = async (sent: Sent): Promise<Received> => await receiver.receive(request(sent));
  const statusOf = async (sent: Sent) => {
    const received = await receive(sent);
    return received.type === "respond" ? received.response.status : 200;
  };
  const token = (claims: Readonly<Record<string, unknown>> = {}) =>
    google.signIn.idToken({ aud: audience, email, ...claims }, clock.now());
  return { clock, google, receiver, receive, statusOf, token, oidc };
}

describe("a notification", () => {
  test("triggers the twin, and names the mailbox that it reads first", async () => {
    const { receive, token } = await open();
    expect(await receive({ token: token() })).toEqual({ type: "trigger", part: "user@example.com", id: "7" });
  });

  test("of Google's guide is read", async () => {
    const { receive, token } = await open();
    const guide = "eyJlbWFpbEFkZHJlc3MiOiAidXNlckBleGFtcGxlLmNvbSIsICJoaXN0b3J5SWQiOiAiMTIzNDU2Nzg5MCJ9";
    const body = JSON.stringify({ message: { data: guide, message_id: "2070443601311540" }, subscription: "s" });
    expect(await receive({ token: token(), body })).toMatchObject({ type: "trigger", part: "user@example.com" });
  });

  test.each<[string, Sent]>([
    [
      "with a history id that is a number",
      {
        body: JSON.stringify({
          message: {
            data: Buffer.from('{"emailAddress":"a@b.com","historyId":18446744073709551615}').toString("base64"),
            messageId: "1",
          },
        }),
      },
    ],
    [
      "in base64url",
      {
        body: JSON.stringify({
          message: { data: Buffer.from('{"emailAddress":"a?>@b.com","historyId":"1"}').toString("base64url"), messageId: "1" },
        }),
      },
    ],
    ["unwrapped", { body: '{"emailAddress":"a@b.com","historyId":"1"}', headers: { "x-goog-pubsub-message-id": "9" } }],
    ["unwrapped without metadata, and so without an id", { body: '{"emailAddress":"a@b.com","historyId":1}' }],
  ])("%s is taken", async (_, sent) => {
    const { receive, token } = await open();
    expect((await receive({ token: token(), ...sent })).type).toBe("trigger");
  });

  test.each<[string, string]>([
    ["no JSON", "hello"],
    ["nothing", ""],
    ["a list", "[]"],
    ["a message without data", '{"message":{"messageId":"1"}}'],
    ["data that is no JSON", JSON.stringify({ message: { data: Buffer.from("hello").toString("base64"), messageId: "1" } })],
    [
      "data that is no notification",
      JSON.stringify({ message: { data: Buffer.from('{"a":1}').toString("base64"), messageId: "1" } }),
    ],
    [
      "an address that is none",
      JSON.stringify({
        message: { data: Buffer.from('{"emailAddress":"x","historyId":"1"}').toString("base64"), messageId: "1" },
      }),
    ],
    [
      "a history id that is none",
      JSON.stringify({
        message: { data: Buffer.from('{"emailAddress":"a@b","historyId":"x"}').toString("base64"), messageId: "1" },
      }),
    ],
  ])("that is genuine and holds %s is answered 200 and becomes a dead letter", async (_, body) => {
    const { receive, receiver, token } = await open();
    const received = await receive({ token: token(), body });
    expect([received.type, received.response?.status ?? 200]).toEqual(["event", 200]);
    const event = { headers: {}, body: Buffer.from(body), receivedAtMs: 0 };
    const mapped = (async () => {
      for await (const page of receiver.pages(event, new AbortController().signal)) void page;
    })();
    await expect(mapped).rejects.toMatchObject({ code: "GMAIL_NOTIFICATION_UNMAPPABLE", retryable: false });
  });
});

/** A key that Google does not publish, and what forgers make with it. */
const foreign = generateKeyPairSync("rsa", { modulusLength: 2_048 });
async function foreignKey(): Promise<CryptoKey> {
  return await importPKCS8(foreign.privateKey.export({ format: "pem", type: "pkcs8" }) as string, "RS256");
}
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

type Opened = Awaited<ReturnType<typeof open>>;
const forged: readonly (readonly [string, (opened: Opened) => string | undefined | Promise<string | undefined>])[] = [
  ["nothing", () => undefined],
  ["an empty token", () => ""],
  ["a text that is no token", () => "a.b.c"],
  ["a token for another audience", ({ token }) => token({ aud: "https://elsewhere.example.com" })],
  ["a token for no audience", ({ token }) => token({ aud: undefined })],
  ["a token whose audience differs in case", ({ token }) => token({ aud: audience.toUpperCase() })],
  ["a token of another account", ({ token }) => token({ email: "evil@evil-project.iam.gserviceaccount.com" })],
  ["a token without an address", ({ token }) => token({ email: undefined })],
  ["a token whose address is not verified", ({ token }) => token({ email_verified: false })],
  ["a token whose address is verified by a text", ({ token }) => token({ email_verified: "true" })],
  ["a token of another issuer", ({ token }) => token({ iss: "https://accounts.example.com" })],
  ["a token whose issuer only begins like Google", ({ token }) => token({ iss: "https://accounts.google.com.evil.example" })],
  ["an expired token", ({ token, clock }) => token({ iat: clock.now() / 1_000 - 7_200, exp: clock.now() / 1_000 - 3_600 })],
  ["a token of tomorrow", ({ token, clock }) => token({ iat: clock.now() / 1_000 + 86_400, exp: clock.now() / 1_000 + 90_000 })],
  ["a token that is not valid yet", ({ token, clock }) => token({ nbf: clock.now() / 1_000 + 3_600 })],
  ["a token without an end", ({ token }) => token({ exp: undefined })],
  [
    "a token that is good for a year",
    ({ token, clock }) => token({ iat: clock.now() / 1_000 - 200_000, exp: clock.now() / 1_000 + 31_536_000 }),
  ],
  ["a token that is good for another year", ({ token, clock }) => token({ exp: clock.now() / 1_000 + 31_536_000 })],
  ["a token for several audiences", ({ token }) => token({ aud: [audience, "https://elsewhere.example.com"] })],
  ["a token for a list of one audience", ({ token }) => token({ aud: [audience] })],
  ["a token without a signature", ({ token }) => `${token().split(".").slice(0, 2).join(".")}.`],
  ["a token with the algorithm none", ({ token }) => `${part({ alg: "none", typ: "JWT" })}.${token().split(".")[1]}.`],
  [
    "a token signed with the public key as a shared secret",
    async ({ token, google }) => {
      const { keys } = (await (await fetch(google.jwksUrl)).json()) as { readonly keys: readonly [{ readonly kid: string }] };
      const [key] = keys;
      const pem = createPublicKey({ key, format: "jwk" }).export({ format: "pem", type: "spki" });
      const statement = `${part({ alg: "HS256", kid: key.kid })}.${token().split(".")[1]}`;
      return `${statement}.${createHmac("sha256", pem).update(statement).digest("base64url")}`;
    },
  ],
  [
    "a token signed with a key of nobody under the name of Google's",
    async ({ token }) => {
      const [header = "", payload = ""] = token().split(".");
      const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { readonly kid: string };
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as JWTPayload;
      return await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid }).sign(await foreignKey());
    },
  ],
  [
    "a token that brings its key along",
    async ({ token }) => {
      const claims = JSON.parse(Buffer.from(token().split(".")[1] ?? "", "base64url").toString()) as JWTPayload;
      const jwk = await exportJWK(foreign.publicKey);
      return await new SignJWT(claims).setProtectedHeader({ alg: "RS256", jwk }).sign(await foreignKey());
    },
  ],
  [
    "a token with a changed claim",
    ({ token }) => {
      const [header, payload = "", signature] = token({ email: "evil@example.com" }).split(".");
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as JWTPayload;
      return `${header}.${part({ ...claims, email })}.${signature}`;
    },
  ],
];

describe("a forged sender is refused with 401, and nothing is stored, for", () => {
  test.each(forged)("%s", async (_, forge) => {
    const opened = await open();
    const received = await opened.receive({ token: await forge(opened) });
    expect(received).toMatchObject({ type: "respond", response: { status: 401 } });
  });

  test("at least twenty kinds of forgery", () => {
    expect(forged.length).toBeGreaterThanOrEqual(20);
  });
});

describe("Google's own library", () => {
  /** Whether `google-auth-library` admits a token, with what its users have to check besides. */
  async function isAdmittedByGoogle({ google, clock }: Opened, token: string | undefined): Promise<boolean> {
    const { keys } = (await (await fetch(google.jwksUrl)).json()) as { readonly keys: readonly { readonly kid: string }[] };
    const certs = Object.fromEntries(
      keys.map((key) => [key.kid, createPublicKey({ key, format: "jwk" }).export({ format: "pem", type: "spki" }) as string]),
    );
    // The library reads the machine's time.
    vi.useFakeTimers({ now: clock.now(), toFake: ["Date"] });
    try {
      const issuers = ["accounts.google.com", "https://accounts.google.com"];
      const ticket = await new OAuth2Client().verifySignedJwtWithCertsAsync(token ?? "", certs, audience, issuers);
      const payload = ticket.getPayload();
      return payload?.email === email && payload.email_verified === true;
    } catch {
      return false;
    } finally {
      vi.useRealTimers();
    }
  }

  test("admits what we admit, and refuses all that we refuse but for the time: ours is never laxer", async () => {
    const opened = await open();
    const { token, clock, statusOf } = opened;
    const now = clock.now() / 1_000;
    const tokens: (string | undefined)[] = [
      token(),
      token({ iss: "accounts.google.com" }),
      token({ iat: now - 3_600, exp: now - 30 }),
      token({ iat: now - 3_600, exp: now - 200 }),
      token({ iat: now + 200, exp: now + 3_800 }),
    ];
    for (const [, forge] of forged) tokens.push(await forge(opened));
    const judged = [];
    for (const each of tokens) judged.push([(await statusOf({ token: each })) === 200, await isAdmittedByGoogle(opened, each)]);
    expect(judged.filter(([ours, theirs]) => ours === true && theirs === false)).toEqual([]);
    // Ours is stricter where clocks differ by more than 60 s; Google's library lets 300 s pass.
    expect(judged.slice(0, 5)).toEqual([
      [true, true],
      [true, true],
      [true, true],
      [false, true],
      [false, true],
    ]);
  });
});

describe("Google's keys", () => {
  test("may be rotated without a genuine notification being refused", async () => {
    const { google, clock, statusOf, token } = await open();
    expect(await statusOf({ token: token() })).toBe(200);
    clock.set(clock.now() + 31_000);
    const before = token();
    google.signIn.rotateIdKey();
    expect([await statusOf({ token: token() }), await statusOf({ token: before })]).toEqual([200, 200]);
  });

  test.each([
    ["are down", [{ type: "status", status: 503 }]],
    ["hang", [{ type: "hang" }]],
    ["are a web page", [{ type: "html" }]],
  ] as const)(
    "that %s are no reason to refuse: the answer is 503 within 3 s, and the notification comes again",
    async (_, faults) => {
      const { google, clock, receiver, token } = await open();
      google.setFaults([...faults]);
      const accept = () => Promise.reject(new Error("nothing may be stored"));
      const source = { kind: "gmail", name: "inbox" };
      const handle = toFetchHandler({ source, receiver, accept, clock, maxBodyBytes: 65_536 });
      const headers = { authorization: `Bearer ${token()}`, "content-type": "application/json" };
      const answer = handle(new Request("http://runner/gmail/inbox/events", { method: "POST", headers, body: notification }));
      const seen = { isAnswered: false };
      void answer.then(() => (seen.isAnswered = true));
      const startedMs = clock.elapsed();
      while (!seen.isAnswered && clock.elapsed() - startedMs < 3_000) await clock.advance(250);
      const { status, headers: sent } = await answer;
      expect([status, Number(sent.get("retry-after")) > 0, clock.elapsed() - startedMs <= 3_000]).toEqual([503, true, true]);
    },
  );
});

describe("a path token", () => {
  const alone = { oidc: undefined, path_token: pathToken };
  test.each([
    ["in the query", `/gmail/inbox/events?token=${pathToken}`, 200],
    ["beside other parameters", `/gmail/inbox/events?a=1&token=${pathToken}&b=2`, 200],
    ["as the last segment, for programs that embed the receiver", `/gmail/inbox/events/${pathToken}`, 200],
    ["that is missing", "/gmail/inbox/events", 401],
    ["that is empty", "/gmail/inbox/events?token=", 401],
    ["that is wrong", "/gmail/inbox/events?token=another-token-of-letters", 401],
    ["that is only the beginning", `/gmail/inbox/events?token=${pathToken.slice(0, -1)}`, 401],
    ["with more behind it", `/gmail/inbox/events?token=${pathToken}x`, 401],
    ["in another case", `/gmail/inbox/events?token=${pathToken.toUpperCase()}`, 401],
  ])("%s", async (_, path, status) => {
    expect(await (await open(alone)).statusOf({ path })).toBe(status);
  });

  test("holds for two tokens during a rotation", async () => {
    const { statusOf } = await open({ oidc: undefined, path_token: [pathToken, "the-next-token-of-letters"] });
    for (const token of [pathToken, "the-next-token-of-letters"]) expect(await statusOf({ path: `/e?token=${token}` })).toBe(200);
  });

  test("of base64 holds as it stands in the URL, and encoded", async () => {
    const token = "rc+wF/4x9Q+aa1Zb==";
    const { statusOf } = await open({ oidc: undefined, path_token: token });
    const sent = [
      `/e?token=${token}`,
      `/e?token=${encodeURIComponent(token)}`,
      `/gmail/inbox/events/${token}`,
      `/e?token=${token}+`,
    ];
    expect(await Promise.all(sent.map((path) => statusOf({ path })))).toEqual([200, 200, 200, 401]);
  });

  test("with a space holds in both of its spellings", async () => {
    const { statusOf } = await open({ oidc: undefined, path_token: "several words of a token" });
    for (const space of ["+", "%20"])
      expect(await statusOf({ path: `/e?token=${"several words of a token".replaceAll(" ", space)}` })).toBe(200);
  });

  test("and an ID token have to be right both, where both are set", async () => {
    const { statusOf, token } = await open({ path_token: pathToken });
    const path = `/gmail/inbox/events?token=${pathToken}`;
    expect([
      await statusOf({ path, token: token() }),
      await statusOf({ path }),
      await statusOf({ token: token() }),
      await statusOf({ path: `${path}x`, token: token() }),
    ]).toEqual([200, 401, 401, 401]);
  });

  test("or an ID token must be set, and a short token is refused", async () => {
    await expect(open({ oidc: undefined })).rejects.toThrow("set oidc, path_token or both");
    await expect(open({ oidc: undefined, path_token: "short" })).rejects.toThrow("at least 16 characters");
    await expect(open({ oidc: { audience } })).rejects.toThrow("refused");
  });
});

describe("verifyAuth of a program that embeds the receiver", () => {
  test("decides alone where nothing else is set, by the request as it came", async () => {
    const seen: string[] = [];
    const verifyAuth = async (request: Request) => {
      seen.push(`${request.method} ${new URL(request.url).pathname} ${await request.text()}`);
      return request.headers.get("x-proof") === "yes";
    };
    const { statusOf } = await open({ oidc: undefined }, gmailConnector({ verifyAuth }));
    expect([await statusOf({ headers: { "x-proof": "yes" } }), await statusOf({})]).toEqual([200, 401]);
    expect(seen[0]).toBe(`POST /gmail/inbox/events ${notification}`);
  });

  test("has to agree besides what is set", async () => {
    const { statusOf, token } = await open({}, gmailConnector({ verifyAuth: () => false }));
    expect(await statusOf({ token: token() })).toBe(401);
  });

  test("that cannot decide now throws a retryable error, which is no refusal", async () => {
    const error = new ConnectorsError({ code: "MY_KEYS_UNAVAILABLE", message: "no keys", retryable: true });
    const { receive } = await open({ oidc: undefined }, gmailConnector({ verifyAuth: () => Promise.reject(error) }));
    await expect(receive({})).rejects.toBe(error);
  });
});

test("a receiver without a twin reads nothing, and its check says so", async () => {
  const { receiver } = await openReceiver(connector, { path_token: pathToken });
  const results = (await receiver.check?.(new AbortController().signal)) ?? [];
  expect(results.map(({ ok }) => ok)).toEqual([true, false]);
  expect(results[1]?.message).toContain("set `pull`");
});
