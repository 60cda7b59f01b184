import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Adapter, type AdapterPayload, Provider } from "oidc-provider";
import type { SigningKey } from "./start-issuer.ts";

/** Whom a token is for, and whose it is. */
export interface TokenRequest {
  /** The `aud`: the client that signs in. */
  readonly audience: string;
  readonly email: string;
  /** Default true. */
  readonly isVerified?: boolean;
  readonly scope?: string;
}

export interface IssuedTokens {
  readonly idToken: string;
  readonly accessToken: string;
}

/** A client whose tokens are for this audience. */
export interface IssuerClient {
  readonly audience: string;
  readonly algorithm?: "RS256" | "ES256";
}

const secret = "a secret that only tests use";
/** In front of the name of an account whose address is not verified. */
const unverified = "unverified:";
const redirectUri = "https://hooks.example.com/signed-in";

/**
 * [oidc-provider](https://github.com/panva/node-oidc-provider), an OpenID provider that the OpenID Foundation has certified, on loopback. A
 * token is made as for any program: by the authorization code flow, whose redirects a user without a browser follows.
 */
export async function startOidcProvider(clients: readonly IssuerClient[], ...firstKeys: readonly SigningKey[]) {
  let provider: Provider;
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/interaction/") !== true) return void provider.callback()(request, response);
    void answerInteraction(provider, request, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  /** Publishes these keys from now on, and signs with the first that an algorithm fits. */
  const publish = (...keys: readonly SigningKey[]) => {
    provider = makeProvider(issuer, clients, keys);
  };
  publish(...firstKeys);
  return {
    issuer,
    publish,
    /** The address of the keys, as discovery gives it. */
    async jwksUrl(): Promise<string> {
      const response = await fetch(`${issuer}/.well-known/openid-configuration`);
      return ((await response.json()) as { readonly jwks_uri: string }).jwks_uri;
    },
    signIn: (request: TokenRequest) => signIn(issuer, request),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Keeps codes, sessions and tokens in memory, as the provider's own does, which warns of itself. */
class TestAdapter implements Adapter {
  static readonly #rows = new Map<string, AdapterPayload>();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    TestAdapter.#rows.set(`${this.#name} ${id}`, payload);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return TestAdapter.#rows.get(`${this.#name} ${id}`);
  }

  async findByUid(wanted: string): Promise<AdapterPayload | undefined> {
    return [...TestAdapter.#rows.values()].find(({ uid }) => uid === wanted);
  }

  async findByUserCode(): Promise<undefined> {}

  async consume(id: string): Promise<void> {
    const row = await this.find(id);
    if (row !== undefined) row["consumed"] = true;
  }

  async destroy(id: string): Promise<void> {
    TestAdapter.#rows.delete(`${this.#name} ${id}`);
  }

  async revokeByGrantId(): Promise<void> {}
}

function makeProvider(issuer: string, clients: readonly IssuerClient[], keys: readonly SigningKey[]): Provider {
  const privateKeys = keys.map(({ kid, alg, privateKey }) => ({ ...privateKey.export({ format: "jwk" }), kid, alg, use: "sig" }));
  return new Provider(issuer, {
    adapter: TestAdapter,
    clients: clients.map(({ audience, algorithm = "RS256" }) => ({
      client_id: audience,
      client_secret: secret,
      token_endpoint_auth_method: "client_secret_post",
      redirect_uris: [redirectUri],
      id_token_signed_response_alg: algorithm,
    })),
    jwks: { keys: privateKeys },
    claims: { email: ["email", "email_verified"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["a key that only tests use"] },
    pkce: { required: () => false },
    ttl: { AccessToken: 3_600, AuthorizationCode: 60, Grant: 3_600, IdToken: 3_600, Interaction: 60, Session: 3_600 },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, accountId) => {
      const email = accountId.replace(unverified, "");
      return { accountId, claims: () => ({ sub: accountId, email, email_verified: email === accountId }) };
    },
  });
}

/** What a user would answer: signs in as who the request names, and consents. */
async function answerInteraction(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { prompt, params, session } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    return provider.interactionFinished(request, response, { login: { accountId: String(params["login_hint"]) } });
  }
  const grant = new provider.Grant({ accountId: session?.accountId ?? "", clientId: String(params["client_id"]) });
  grant.addOIDCScope(String(params["scope"]));
  const result = { consent: { grantId: await grant.save() } };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

async function signIn(issuer: string, request: TokenRequest): Promise<IssuedTokens> {
  const { audience, email, isVerified = true, scope = "openid email" } = request;
  const client = { client_id: audience, redirect_uri: redirectUri };
  const query = new URLSearchParams({
    ...client,
    response_type: "code",
    scope,
    login_hint: isVerified ? email : `${unverified}${email}`,
  });
  const code = await codeBehind(`${issuer}/auth?${query.toString()}`);
  const form = { ...client, client_secret: secret, grant_type: "authorization_code", code };
  const response = await fetch(`${issuer}/token`, { method: "POST", body: new URLSearchParams(form) });
  const answer = (await response.json()) as { readonly id_token: string; readonly access_token: string };
  return { idToken: answer.id_token, accessToken: answer.access_token };
}

/** Follows redirects with the cookies that come, up to the one that leaves the issuer. */
async function codeBehind(start: string): Promise<string> {
  const cookies = new Map<string, string>();
  let url = new URL(start);
  for (let step = 0; step < 10; step += 1) {
    const cookie = [...cookies].map((each) => each.join("=")).join("; ");
    const response = await fetch(url, { redirect: "manual", headers: { cookie } });
    await response.arrayBuffer();
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";", 1)[0] ?? "").split(/=(.*)/s);
      cookies.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`${url.pathname} answered ${response.status} and no redirect`);
    url = new URL(location, url);
    const code = url.searchParams.get("code");
    if (url.href.startsWith(redirectUri) && code !== null) return code;
  }
  throw new Error(`no code after ten redirects, the last of them to ${url.href}`);
}
