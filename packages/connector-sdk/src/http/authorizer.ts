import { hash, randomUUID } from "node:crypto";

/** Headers by name, ready to be sent. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** What authorizes the requests of a {@link ProviderClient}: a token that stays, or one that is made when it is needed. */
export interface Authorizer {
  /**
   * The headers of one request. Called before each, so a token that lasts is kept by the authorizer. What it throws ends the request: a
   * `ConnectorsError`, or the reason of the abort.
   */
  headers(signal: AbortSignal): RequestHeaders | Promise<RequestHeaders>;
  /** The provider refused these headers (401): `headers` must not return the same token again. */
  forget?(refused: RequestHeaders): void;
  /** True: a refused request is sent once more with new headers, because tokens may end before their time. Default: the request fails. */
  readonly renews?: boolean;
  /**
   * Names the account that the provider counts requests for, e.g. the client id: all clients of one process with the same origin and account
   * share one rate budget. Default: a fingerprint of the headers. Needed where each client makes tokens of its own.
   */
  readonly account?: string;
}

/** An authorizer, or just its `headers`. */
export type Authorize = Authorizer | Authorizer["headers"];

const noHeaders: RequestHeaders = {};

/** No credentials at all. */
export const anonymous: Authorizer = { headers: () => noHeaders };

export function toAuthorizer(authorize: Authorize | undefined): Authorizer {
  if (authorize === undefined) return anonymous;
  return typeof authorize === "function" ? { headers: authorize } : authorize;
}

const processSecret = randomUUID();
/** An authorizer that returns the same object again spares the hash. */
const fingerprints = new WeakMap<RequestHeaders, string>();

/** A text that is equal for equal credentials in this process and says nothing about them. */
export function credentialFingerprint({ account }: Authorizer, headers: RequestHeaders): string {
  if (account !== undefined) return fingerprintOf(`account ${account}`);
  const fingerprint = fingerprints.get(headers) ?? fingerprintOf(JSON.stringify(headers));
  fingerprints.set(headers, fingerprint);
  return fingerprint;
}

function fingerprintOf(credential: string): string {
  return hash("sha256", `${processSecret} ${credential}`, "base64url");
}
