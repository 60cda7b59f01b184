import { type ConnectorContext, ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { SharedRequest } from "@statewave-connectors/connector-sdk/auth";
import { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

/** Whose keys are fetched, and by which entry. */
export interface IssuerKeysOptions {
  readonly jwksUrl: string;
  /** The entry as it stands in the file, for sentences. */
  readonly entry: string;
  readonly context: Pick<ConnectorContext, "clock" | "fetch">;
}

/** Shorter than the 3 seconds that a receiver has to verify, so that the failure is named. */
const fetchTimeoutMs = 2_500;
const maxKeySetBytes = 512 * 1024;
/** Issuers publish a new key days before they sign with it. */
const freshMs = 3_600_000;
/** While the issuer's keys cannot be fetched, those that were fetched last serve for so long. */
const staleMs = 24 * 3_600_000;
/** A token that names an unknown key costs no more requests than one in this time, and neither does an outage. */
const fetchIntervalMs = 30_000;

interface KeySet {
  readonly find: JWTVerifyGetKey;
  readonly fetchedAtMs: number;
}

/**
 * The public keys of an issuer: fetched when they are needed, kept for an hour, and fetched again when a token names a key that is not
 * among them. Requests that wait for them at the same time share one fetch.
 */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  readonly #client: ProviderClient;
  readonly #fetch: SharedRequest<KeySet>;
  #keys: KeySet | undefined;
  #failure: { readonly error: ConnectorsError; readonly atMs: number } | undefined;

  constructor(options: IssuerKeysOptions) {
    const { jwksUrl, entry, context } = options;
    this.#options = options;
    this.#client = new ProviderClient({
      provider: new URL(jwksUrl).host,
      codePrefix: "KEYS",
      entry,
      baseUrl: new URL(jwksUrl).origin,
      limits: { timeoutMs: fetchTimeoutMs, maxBodyBytes: maxKeySetBytes },
      context,
    });
    this.#fetch = new SharedRequest((signal) => this.#request(signal));
  }

  /** Finds the key that a token names. Throws a retryable `PUSH_KEYS_UNAVAILABLE` when there are no keys to look among. */
  async current(signal: AbortSignal): Promise<JWTVerifyGetKey> {
    const keys = this.#keys;
    if (keys !== undefined && this.#isWithin(keys.fetchedAtMs, freshMs)) return keys.find;
    try {
      return (await this.#refetch(signal)).find;
    } catch (error) {
      signal.throwIfAborted();
      if (keys === undefined || !this.#isWithin(keys.fetchedAtMs, staleMs)) throw error;
      return keys.find;
    }
  }

  /**
   * The keys once more, for a token whose key is not among those of `current`. Undefined when they were fetched just now: the issuer has no
   * such key. Throws as `current` does.
   */
  async renewed(signal: AbortSignal): Promise<JWTVerifyGetKey | undefined> {
    if (this.#keys !== undefined && this.#isWithin(this.#keys.fetchedAtMs, fetchIntervalMs)) return undefined;
    return (await this.#refetch(signal)).find;
  }

  #refetch(signal: AbortSignal): Promise<KeySet> {
    const failure = this.#failure;
    if (failure !== undefined && this.#isWithin(failure.atMs, fetchIntervalMs)) throw failure.error;
    return this.#fetch.join(signal);
  }

  async #request(signal: AbortSignal): Promise<KeySet> {
    const { jwksUrl, context } = this.#options;
    const fetchedAtMs = context.clock.now();
    try {
      const { body } = await this.#client.get<JSONWebKeySet>(jwksUrl, { signal });
      this.#keys = { find: createLocalJWKSet(body), fetchedAtMs };
      this.#failure = undefined;
      return this.#keys;
    } catch (cause) {
      signal.throwIfAborted();
      const error = keysUnavailable(jwksUrl, cause);
      this.#failure = { error, atMs: context.clock.now() };
      throw error;
    }
  }

  /** False also for a moment in the future, which a clock that was set back leaves behind. */
  #isWithin(sinceMs: number, durationMs: number): boolean {
    const nowMs = this.#options.context.clock.now();
    return nowMs >= sinceMs && nowMs - sinceMs < durationMs;
  }
}

function keysUnavailable(jwksUrl: string, cause: unknown): ConnectorsError {
  const reason = isConnectorsError(cause) ? cause.message : "the answer is no set of keys";
  return new ConnectorsError({
    code: "PUSH_KEYS_UNAVAILABLE",
    message: `the keys that webhooks are verified with cannot be fetched: ${reason}`,
    hint: `check that this machine reaches ${new URL(jwksUrl).host}`,
    retryable: true,
    cause,
  });
}
