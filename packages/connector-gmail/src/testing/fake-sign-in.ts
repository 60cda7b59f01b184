import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import type { ProviderAnswer, ProviderRequest } from "@statewave-connectors/testing/fake-provider";

/** Whose token it is, and what it may be used for. */
export interface FakeToken {
  /** Undefined: the service account itself. */
  readonly address: string | undefined;
  readonly scopes: readonly string[];
  readonly endsAtMs: number;
}

const lifetimeSeconds = 3_599;

/** Google's token endpoint and the keys of its ID tokens. */
export class FakeSignIn {
  readonly clientId = "1234-fake.apps.googleusercontent.com";
  readonly clientSecret = "GOCSPX-fake-client-secret";
  readonly serviceAccount = "reader@fake-project.iam.gserviceaccount.com";
  /** Users whose domain delegates to the service account. */
  readonly delegatedUsers = new Set<string>();
  readonly delegatedScopes = new Set([
    "https://www.googleapis.com/auth/gmail.readonly",
    "https://www.googleapis.com/auth/pubsub",
  ]);
  /** The scopes of what users consent to. */
  scopes: readonly string[] = ["https://www.googleapis.com/auth/gmail.readonly"];
  /** Whether each refresh token is replaced by its use. */
  rotates = false;
  readonly #refreshTokens = new Map<string, string>();
  readonly #tokens = new Map<string, FakeToken>();
  #idKeys: readonly IdKey[] = [];
  #rotations = 0;
  #issued = 0;

  /** A refresh token of a user. */
  consent(address: string): string {
    const token = `1//fake-${randomBytes(12).toString("base64url")}`;
    this.#refreshTokens.set(token, address);
    return token;
  }

  revoke(refreshToken: string): void {
    this.#refreshTokens.delete(refreshToken);
  }

  /** Access tokens end at once, as those of an app that a user removes. */
  revokeAccess(): void {
    this.#tokens.clear();
  }

  /** How many access tokens were issued. */
  get issued(): number {
    return this.#issued;
  }

  /** The content of the service account's key file. */
  keyFile(tokenUrl: string): string {
    const private_key = accountKey().export({ format: "pem", type: "pkcs8" });
    return JSON.stringify({
      type: "service_account",
      client_email: this.serviceAccount,
      private_key_id: "fake-key",
      private_key,
      token_uri: tokenUrl,
    });
  }

  tokenOf(authorization: string | undefined, nowMs: number): FakeToken | undefined {
    const token = this.#tokens.get(authorization?.replace(/^Bearer /, "") ?? "");
    return token === undefined || token.endsAtMs <= nowMs ? undefined : token;
  }

  /** `POST /token` */
  answerToken({ body, nowMs }: ProviderRequest, tokenUrl: string): ProviderAnswer {
    const form = body as Readonly<Record<string, string | undefined>>;
    switch (form["grant_type"]) {
      case "refresh_token":
        return this.#refresh(form, nowMs);
      case "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return this.#assert(form["assertion"] ?? "", tokenUrl, nowMs);
      default:
        return refused(400, "unsupported_grant_type", "Invalid grant_type");
    }
  }

  /** An ID token as Pub/Sub sends it. `claims` replace what is invented. */
  idToken(claims: Readonly<Record<string, unknown>>, nowMs: number): string {
    const key = this.#signingKey();
    const now = Math.floor(nowMs / 1_000);
    const sound = { iss: "https://accounts.google.com", azp: "1", sub: "1", email_verified: true, iat: now, exp: now + 3_600 };
    return jwt({ alg: "RS256", kid: key.kid, typ: "JWT" }, { ...sound, ...claims }, key.privateKey);
  }

  /** `GET /oauth2/v3/certs` */
  jwks(): ProviderAnswer {
    this.#signingKey();
    const keys = this.#idKeys.map(({ kid, privateKey }) => ({
      ...createPublicKey(privateKey).export({ format: "jwk" }),
      kid,
      alg: "RS256",
      use: "sig",
    }));
    return { body: { keys } };
  }

  /** The next ID token is signed with a new key; the one before stays published. */
  rotateIdKey(): void {
    const current = this.#signingKey();
    this.#rotations += 1;
    this.#idKeys = [current, idKey(this.#rotations)];
  }

  #signingKey(): IdKey {
    const known = this.#idKeys.at(-1);
    if (known !== undefined) return known;
    const key = idKey(0);
    this.#idKeys = [key];
    return key;
  }

  #refresh(form: Readonly<Record<string, string | undefined>>, nowMs: number): ProviderAnswer {
    if (form["client_id"] !== this.clientId || form["client_secret"] !== this.clientSecret) {
      return refused(401, "invalid_client", "The OAuth client was not found.");
    }
    const sent = form["refresh_token"] ?? "";
    const address = this.#refreshTokens.get(sent);
    if (address === undefined) return refused(400, "invalid_grant", "Token has been expired or revoked.");
    const issued = this.#issue({ address, scopes: this.scopes }, nowMs);
    if (!this.rotates) return { body: issued };
    this.#refreshTokens.delete(sent);
    return { body: { ...issued, refresh_token: this.consent(address) } };
  }

  /** https://developers.google.com/identity/protocols/oauth2/service-account */
  #assert(assertion: string, tokenUrl: string, nowMs: number): ProviderAnswer {
    const [header = "", payload = "", signature = ""] = assertion.split(".");
    const isSigned = verify(
      "sha256",
      Buffer.from(`${header}.${payload}`),
      createPublicKey(accountKey()),
      Buffer.from(signature, "base64url"),
    );
    if (!isSigned) return refused(400, "invalid_grant", "Invalid JWT Signature.");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Readonly<Record<string, unknown>>;
    const { iss, aud, iat, exp, sub, scope } = claims;
    const now = nowMs / 1_000;
    if (iss !== this.serviceAccount || aud !== tokenUrl)
      return refused(400, "invalid_grant", "Invalid JWT: wrong issuer or audience.");
    if (Number(iat) > now + 60 || Number(exp) < now || Number(exp) - Number(iat) > 3_600) {
      return refused(
        400,
        "invalid_grant",
        "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
      );
    }
    const scopes = String(scope).split(" ");
    if (typeof sub !== "string") return { body: this.#issue({ address: undefined, scopes }, nowMs) };
    if (!this.delegatedUsers.has(sub)) return refused(400, "invalid_grant", "Invalid email or User ID");
    if (!scopes.every((each) => this.delegatedScopes.has(each))) {
      return refused(
        401,
        "unauthorized_client",
        "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.",
      );
    }
    return { body: this.#issue({ address: sub, scopes }, nowMs) };
  }

  #issue(token: Omit<FakeToken, "endsAtMs">, nowMs: number) {
    this.#issued += 1;
    const access_token = `ya29.fake-${this.#issued}-${randomBytes(12).toString("base64url")}`;
    this.#tokens.set(access_token, { ...token, endsAtMs: nowMs + lifetimeSeconds * 1_000 });
    return { access_token, expires_in: lifetimeSeconds, scope: token.scopes.join(" "), token_type: "Bearer" };
  }
}

function refused(status: number, error: string, error_description: string): ProviderAnswer {
  return { status, body: { error, error_description } };
}

interface IdKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

let madeAccountKey: KeyObject | undefined;

/** One for all fakes of a process: making keys takes long. */
function accountKey(): KeyObject {
  madeAccountKey ??= generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
  return madeAccountKey;
}

const madeIdKeys: IdKey[] = [];

/** The key after so many rotations, the same for all fakes of a process. */
function idKey(rotations: number): IdKey {
  const key = madeIdKeys[rotations] ?? newIdKey();
  madeIdKeys[rotations] = key;
  return key;
}

function newIdKey(): IdKey {
  return { kid: randomBytes(20).toString("hex"), privateKey: generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey };
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function jwt(header: unknown, payload: unknown, key: KeyObject): string {
  const statement = `${encoded(header)}.${encoded(payload)}`;
  return `${statement}.${sign("sha256", Buffer.from(statement), key).toString("base64url")}`;
}
