import { generateKeyPairSync, verify as verifySignature } from "node:crypto";
import { describeError, Secret } from "@statewave-connectors/connector-sdk";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { describe, expect, test } from "vitest";
import { parseServiceAccountKey, type ServiceAccount, serviceAccount } from "../src/index.ts";
import { type IssuerAnswer, startServer } from "./start-issuer.ts";

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const keyFile = (changed: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({
    type: "service_account",
    client_email: "reader@project.iam.gserviceaccount.com",
    private_key: pem,
    private_key_id: "abc123",
    token_uri: "https://oauth2.googleapis.com/token",
    ...changed,
  });
const account = (tokenUrl: string, changed: Partial<ServiceAccount> = {}): ServiceAccount => ({
  key: new Secret(keyFile({ token_uri: tokenUrl })),
  keyOption: "service_account_key",
  scope: "https://www.googleapis.com/auth/gmail.readonly",
  provider: "Google",
  codePrefix: "GMAIL",
  entry: '[[pull.gmail]] name = "inbox"',
  ...changed,
});
const { signal } = new AbortController();

/** The parts of an assertion, once its signature is found to be that of the account. */
function readAssertion(assertion: string) {
  const [header = "", claims = "", signature = ""] = assertion.split(".");
  const isSigned = verifySignature(
    "RSA-SHA256",
    Buffer.from(`${header}.${claims}`),
    publicKey,
    Buffer.from(signature, "base64url"),
  );
  const parse = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as unknown;
  return { isSigned, header: parse(header), claims: parse(claims) };
}

test("a token is granted for an assertion that is signed by the account, in the name of a user where one is given", async () => {
  await using server = await startServer(() => ({ body: { access_token: "ya29.granted", expires_in: 3_599 } }));
  const clock = new FakeClock();
  const tokenUrl = `${server.origin}/token`;
  const source = serviceAccount(account(tokenUrl, { subject: "ada@example.com" }), { clock, fetch: globalThis.fetch });
  expect((await source.token(signal)).reveal()).toBe("ya29.granted");
  const [call] = server.calls;
  expect(call?.form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
  const issued = clock.now() / 1_000 - 60;
  expect(readAssertion(call?.form.get("assertion") ?? "")).toEqual({
    isSigned: true,
    header: { alg: "RS256", typ: "JWT", kid: "abc123" },
    claims: {
      iss: "reader@project.iam.gserviceaccount.com",
      sub: "ada@example.com",
      scope: "https://www.googleapis.com/auth/gmail.readonly",
      aud: tokenUrl,
      iat: issued,
      exp: issued + 3_600,
    },
  });
});

test("an account that acts in its own name claims no subject", async () => {
  await using server = await startServer(() => ({ body: { access_token: "ya29.granted", expires_in: 3_599 } }));
  await serviceAccount(account(`${server.origin}/token`), { clock: new FakeClock(), fetch: globalThis.fetch }).token(signal);
  expect(readAssertion(server.calls[0]?.form.get("assertion") ?? "").claims).not.toHaveProperty("sub");
});

test("a token is kept until five minutes before its end, and each one gets a fresh assertion", async () => {
  let granted = 0;
  await using server = await startServer(() => ({ body: { access_token: `ya29.granted-${(granted += 1)}`, expires_in: 3_600 } }));
  const clock = new FakeClock();
  const source = serviceAccount(account(`${server.origin}/token`), { clock, fetch: globalThis.fetch });
  await Promise.all([source.token(signal), source.token(signal)]);
  clock.set(clock.now() + 3_299_000);
  expect((await source.token(signal)).reveal()).toBe("ya29.granted-1");
  clock.set(clock.now() + 1_000);
  expect((await source.token(signal)).reveal()).toBe("ya29.granted-2");
  expect(new Set(server.calls.map(({ form }) => form.get("assertion"))).size).toBe(2);
});

describe("a refusal", () => {
  async function failure(answer: IssuerAnswer, changed: Partial<ServiceAccount> = {}): Promise<unknown> {
    await using server = await startServer(() => answer);
    const source = serviceAccount(account(`${server.origin}/token`, changed), {
      clock: new FakeClock(),
      fetch: globalThis.fetch,
    });
    return await source.token(signal).catch((error: unknown) => error);
  }

  test("of the assertion is UNAUTHORIZED, and names the key and the clock", async () => {
    const description = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
    const thrown = await failure({ status: 400, body: { error: "invalid_grant", error_description: description } });
    expect(thrown).toMatchObject({
      code: "GMAIL_UNAUTHORIZED",
      message: expect.stringContaining("invalid_grant: Invalid JWT") as string,
      hint: expect.stringMatching(/^set `service_account_key` .*clock/) as string,
      retryable: false,
    });
  });

  test("of a delegation names user and scope", async () => {
    const thrown = await failure({ status: 401, body: { error: "unauthorized_client" } }, { subject: "ada@example.com" });
    expect(thrown).toMatchObject({
      code: "GMAIL_UNAUTHORIZED",
      hint: expect.stringContaining(
        "for ada@example.com the domain must delegate `https://www.googleapis.com/auth/gmail.readonly`",
      ) as string,
    });
  });

  test("that may pass is retryable", async () => {
    expect(await failure({ status: 503, body: "" })).toMatchObject({ code: "GMAIL_UNAVAILABLE", retryable: true });
  });
});

describe("a key file", () => {
  test("as Google writes it is read", () => {
    const key = parseServiceAccountKey(new Secret(keyFile()));
    expect(key).toMatchObject({
      clientEmail: "reader@project.iam.gserviceaccount.com",
      keyId: "abc123",
      tokenUrl: "https://oauth2.googleapis.com/token",
    });
  });

  test("without a token_uri means Google's", () => {
    expect(parseServiceAccountKey(keyFile({ token_uri: undefined }))?.tokenUrl).toBe("https://oauth2.googleapis.com/token");
  });

  const weak = generateKeyPairSync("rsa", { modulusLength: 1_024 }).privateKey.export({ format: "pem", type: "pkcs8" });
  const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "pem", type: "pkcs8" });
  test.each([
    ["nothing", ""],
    ["a path", "/etc/key.json"],
    ["half a file", keyFile().slice(0, 200)],
    ["null", "null"],
    ["the credentials of a user", keyFile({ type: "authorized_user" })],
    ["no key", keyFile({ private_key: undefined })],
    ["half a key", keyFile({ private_key: pem.slice(0, 300) })],
    ["a public key", keyFile({ private_key: publicKey.export({ format: "pem", type: "spki" }) })],
    ["a weak key", keyFile({ private_key: weak })],
    ["a key of another kind", keyFile({ private_key: elliptic })],
    ["no account", keyFile({ client_email: 7 })],
    ["a token_uri that sends the assertion in clear", keyFile({ token_uri: "http://oauth2.example.com/token" })],
    ["a token_uri that is no URL", keyFile({ token_uri: "oauth2" })],
  ])("of %s is none, and its failure names the option", async (_, key) => {
    expect(parseServiceAccountKey(key)).toBeUndefined();
    const source = serviceAccount(account("", { key: new Secret(key) }), { clock: new FakeClock(), fetch: globalThis.fetch });
    const thrown = await source.token(signal).catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      code: "GMAIL_UNAUTHORIZED",
      message: '`service_account_key` of [[pull.gmail]] name = "inbox" holds no key of a service account',
    });
  });

  test("prints nothing of its private key", async () => {
    const key = parseServiceAccountKey(keyFile());
    expect(JSON.stringify(key)).not.toContain("PRIVATE");
    expect(maskSecrets(`quoted: ${pem}`)).toBe("quoted: ***");
    expect(describeError(new Error(JSON.stringify({ pem })))).not.toContain(pem.slice(100, 150));
  });
});
