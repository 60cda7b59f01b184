import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { exportJWK, type JWTPayload, SignJWT } from "jose";

/** A key pair of the issuer, made for the test. */
export interface SigningKey {
  readonly kid: string | undefined;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export function rsaKey(kid: string | undefined, alg = "RS256"): SigningKey {
  return { kid, alg, ...generateKeyPairSync("rsa", { modulusLength: 2_048 }) };
}

export function ecKey(kid: string): SigningKey {
  return { kid, alg: "ES256", ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
}

/** Signs claims as they are, `iat` and `exp` included. */
export function sign(claims: JWTPayload, { kid, alg, privateKey }: SigningKey): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, typ: "JWT", ...(kid === undefined ? {} : { kid }) }).sign(privateKey);
}

export interface IssuerAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** What an issuer or a token endpoint was sent. */
export interface IssuerCall {
  readonly request: IncomingMessage;
  readonly form: URLSearchParams;
}

/** A server on loopback. `answer` undefined: it never answers. */
export async function startServer(answer: (call: IssuerCall) => IssuerAnswer | undefined) {
  const calls: IssuerCall[] = [];
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const call = { request, form: new URLSearchParams(body) };
      calls.push(call);
      waiting.shift()?.();
      const given = answer(call);
      if (given === undefined) return;
      const { status = 200, headers = { "content-type": "application/json" }, body: content } = given;
      response.writeHead(status, headers).end(typeof content === "string" ? content : JSON.stringify(content));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return {
    origin: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    calls,
    nextCall: () => new Promise<void>((resolve) => waiting.push(resolve)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** An issuer that publishes the keys in `published`, which a test may change. */
export async function startIssuer(...published: SigningKey[]) {
  const issuer = { published, answer: undefined as (() => IssuerAnswer | undefined) | undefined };
  const jwk = async ({ publicKey, kid, alg }: SigningKey) => ({
    ...(await exportJWK(publicKey)),
    ...(kid === undefined ? {} : { kid }),
    alg,
    use: "sig",
  });
  const sets = new Map<SigningKey, unknown>();
  const publish = async (...keys: SigningKey[]) => {
    for (const key of keys) sets.set(key, await jwk(key));
    issuer.published = keys;
  };
  await publish(...published);
  const server = await startServer(() =>
    issuer.answer === undefined ? { body: { keys: issuer.published.map((key) => sets.get(key)) } } : issuer.answer(),
  );
  return {
    ...server,
    jwksUrl: `${server.origin}/oauth2/v3/certs`,
    publish,
    answerWith: (answer: (() => IssuerAnswer | undefined) | undefined) => {
      issuer.answer = answer;
    },
  };
}
