import { createHmac, createPublicKey, type JsonWebKey } from "node:crypto";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";
import { OAuth2Client } from "google-auth-library";
import { exportJWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { idTokenVerifier, type SignatureAlgorithm } from "../src/index.ts";
import { startOidcProvider } from "./start-oidc-provider.ts";
import { ecKey, rsaKey, startServer } from "./start-issuer.ts";

const audience = "https://hooks.example.com/gmail/inbox/events";
const elsewhere = "https://elsewhere.example.com";
const email = "pusher@project.iam.gserviceaccount.com";
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const [first, next, foreign, elliptic] = [rsaKey("key-1"), rsaKey("key-2"), rsaKey("key-1"), ecKey("key-ec")];

const openIssuer = () => startOidcProvider([{ audience }, { audience: elsewhere }], first);
type Issuer = Awaited<ReturnType<typeof openIssuer>>;

let issuer: Issuer;
let other: Issuer;
let forger: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  [issuer, other, forger] = await Promise.all([openIssuer(), openIssuer(), startServer(() => ({ body: { keys: [] } }))]);
});
afterAll(async () => {
  for (const server of [issuer, other, forger]) await server[Symbol.asyncDispose]();
});

/** How we judge the tokens of an issuer. */
async function openVerifier(of: Issuer, algorithms?: readonly SignatureAlgorithm[]) {
  const clock = new FakeClock(Date.now());
  const fetched: string[] = [];
  const verify = idTokenVerifier(
    {
      jwksUrl: await of.jwksUrl(),
      issuers: [of.issuer],
      audiences: [audience],
      audienceOption: "audience",
      emails: [email],
      ...(algorithms !== undefined && { algorithms }),
    },
    {
      source: { kind: "gmail", name: "inbox" },
      clock,
      fetch: (input, init) => {
        fetched.push(String(input instanceof Request ? input.url : input));
        return globalThis.fetch(input, init);
      },
    },
  );
  const isAdmitted = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const request = { method: "POST", path: "/", headers, body: Buffer.from("{}"), receivedAtMs: clock.now() };
    return (await verify(request, new AbortController().signal)) === undefined;
  };
  return { clock, fetched, isAdmitted };
}

/** How Google's library judges them, with what its users have to check besides. */
async function isAdmittedByGoogle(of: Issuer, token: string, nowMs: number): Promise<boolean> {
  const { keys } = (await (await fetch(await of.jwksUrl())).json()) as { readonly keys: readonly JsonWebKey[] };
  const pem = (key: JsonWebKey) => createPublicKey({ key, format: "jwk" }).export({ format: "pem", type: "spki" }).toString();
  const certs = Object.fromEntries(keys.map((key) => [String(key["kid"]), pem(key)]));
  // The library reads the machine's time.
  vi.useFakeTimers({ now: nowMs, toFake: ["Date"] });
  try {
    const ticket = await new OAuth2Client().verifySignedJwtWithCertsAsync(token, certs, audience, [of.issuer]);
    const payload = ticket.getPayload();
    return payload?.email === email && payload.email_verified === true;
  } catch {
    return false;
  } finally {
    vi.useRealTimers();
  }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as JWTPayload;
const genuine = async () => (await issuer.signIn({ audience, email })).idToken;
const idTokenFor = async (given: Partial<Parameters<Issuer["signIn"]>[0]>) =>
  (await issuer.signIn({ audience, email, ...given })).idToken;

/** A genuine token whose header has more in it, signed by the forger. */
async function signedByForger(header: Readonly<Record<string, unknown>>): Promise<string> {
  return new SignJWT(claimsOf(await genuine())).setProtectedHeader({ alg: "RS256", ...header }).sign(foreign.privateKey);
}

/** A genuine token with other claims or another header, signed by the issuer's own key. */
async function signedByIssuer(claims: JWTPayload, header: { readonly kid?: string } = { kid: "key-1" }): Promise<string> {
  const all = { ...claimsOf(await genuine()), ...claims };
  return new SignJWT(all).setProtectedHeader({ alg: "RS256", ...header }).sign(first.privateKey);
}

async function withSharedSecret(secret: string): Promise<string> {
  const statement = `${encode({ alg: "HS256", kid: "key-1" })}.${(await genuine()).split(".")[1]}`;
  return `${statement}.${createHmac("sha256", secret).update(statement).digest("base64url")}`;
}

/** A genuine token with its three parts changed. */
async function changed(change: (header: string, payload: string, signature: string) => string): Promise<string> {
  const [header = "", payload = "", signature = ""] = (await genuine()).split(".");
  return change(header, payload, signature);
}

const forgeries: readonly (readonly [name: string, token: () => Promise<string>, skewMs?: number])[] = [
  ["of the issuer for another audience", () => idTokenFor({ audience: elsewhere })],
  ["of the issuer for several audiences", () => signedByIssuer({ aud: [audience, elsewhere] })],
  ["of the issuer that names no key", () => signedByIssuer({}, {})],
  ["of another account of the issuer", () => idTokenFor({ email: "evil@project.iam.gserviceaccount.com" })],
  ["of an account whose address is not verified", () => idTokenFor({ isVerified: false })],
  ["of an account that does not say its address", () => idTokenFor({ scope: "openid" })],
  ["of another issuer with keys of the same names", async () => (await other.signIn({ audience, email })).idToken],
  ["that is an access token", async () => (await issuer.signIn({ audience, email })).accessToken],
  ["that has ended", genuine, hourMs + 6 * minuteMs],
  ["of the future", genuine, -hourMs],
  ["without an algorithm", () => changed((_, payload) => `${encode({ alg: "none" })}.${payload}.`)],
  ["without an algorithm, in another case", () => changed((_, payload) => `${encode({ alg: "NonE" })}.${payload}.`)],
  ["without a signature", () => changed((header, payload) => `${header}.${payload}.`)],
  ["with half a signature", () => changed((header, payload, signature) => `${header}.${payload}.${signature.slice(0, 171)}`)],
  [
    "with the signature of another token",
    async () => {
      const [, , signature] = (await idTokenFor({ email: "evil@example.com" })).split(".");
      return changed((header, payload) => `${header}.${payload}.${signature}`);
    },
  ],
  [
    "with one bit of its signature changed",
    () =>
      changed(
        (header, payload, signature) => `${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`,
      ),
  ],
  [
    "with a claim changed",
    async () => {
      const [header, payload = "", signature] = (await idTokenFor({ audience: elsewhere })).split(".");
      const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as JWTPayload;
      return `${header}.${encode({ ...claims, aud: audience })}.${signature}`;
    },
  ],
  [
    "signed with the published key as a shared secret",
    () => withSharedSecret(first.publicKey.export({ format: "pem", type: "spki" }).toString()),
  ],
  [
    "signed with the published JWK as a shared secret",
    async () => withSharedSecret(JSON.stringify(await exportJWK(first.publicKey))),
  ],
  ["signed with nothing as a shared secret", () => withSharedSecret("")],
  ["signed with another key under the name of the issuer's", () => signedByForger({ kid: "key-1" })],
  ["signed with another key under no name", () => signedByForger({})],
  ["signed with another key under a name that is a path", () => signedByForger({ kid: "../../key-1" })],
  ["that brings its key along", async () => signedByForger({ jwk: await exportJWK(foreign.publicKey) })],
  ["that says where its key is", () => signedByForger({ kid: "key-1", jku: `${forger.origin}/jwks` })],
  ["that says where its certificate is", () => signedByForger({ kid: "key-1", x5u: `${forger.origin}/certificate` })],
  [
    "with an extension that has to be understood",
    () => changed((_, payload, signature) => `${encode({ alg: "RS256", kid: "key-1", crit: ["exp"] })}.${payload}.${signature}`),
  ],
  ["twice, with a space between them", async () => `${await genuine()} ${await genuine()}`],
];

describe("a token of an OpenID provider", () => {
  test("is admitted, by keys that discovery finds, as Google's library admits it", async () => {
    const { clock, fetched, isAdmitted } = await openVerifier(issuer);
    const token = await genuine();
    expect([await isAdmitted(token), await isAdmittedByGoogle(issuer, token, clock.now())]).toEqual([true, true]);
    expect(fetched).toEqual([`${issuer.issuer}/jwks`]);
  });

  test.each(forgeries.map(([name, forge, skewMs = 0]) => [name, forge, skewMs] as const))(
    "is refused %s, as Google's library refuses it",
    async (_, forge, skewMs) => {
      const { clock, isAdmitted } = await openVerifier(issuer);
      const token = await forge();
      clock.set(clock.now() + skewMs);
      expect([await isAdmitted(token), await isAdmittedByGoogle(issuer, token, clock.now())]).toEqual([false, false]);
      expect(forger.calls, "a token decides no request").toEqual([]);
    },
  );

  test("is refused in 28 forged forms, as the README says", () => {
    expect(forgeries.length).toBe(28);
  });

  test("is refused with an algorithm that is not expected", async () => {
    await using modern = await startOidcProvider([{ audience, algorithm: "ES256" }], first, elliptic);
    const { idToken } = await modern.signIn({ audience, email });
    expect(await (await openVerifier(modern)).isAdmitted(idToken)).toBe(false);
    expect(await (await openVerifier(modern, ["ES256"])).isAdmitted(idToken)).toBe(true);
  });

  test("is admitted in every phase of a rotation of keys, and refused once its key is withdrawn", async () => {
    await using rotating = await startOidcProvider([{ audience }], first);
    const { clock, fetched, isAdmitted } = await openVerifier(rotating);
    const tokens: string[] = [];
    for (const keys of [[first], [first, next], [next, first]]) {
      rotating.publish(...keys);
      clock.set(clock.now() + minuteMs);
      // The newest first: it may name a key that is not known yet.
      tokens.unshift((await rotating.signIn({ audience, email })).idToken);
      for (const token of tokens) expect(await isAdmitted(token)).toBe(true);
    }
    expect(fetched).toHaveLength(2);
    rotating.publish(next);
    const [newest = "", , oldest = ""] = tokens;
    const later = await openVerifier(rotating);
    expect([await later.isAdmitted(newest), await later.isAdmitted(oldest)]).toEqual([true, false]);
  });
});
