import { randomUUID } from "node:crypto";
import { sleep } from "../contract/clock.ts";
import type { ConnectorContext } from "../contract/connector.ts";
import { isProviderError } from "../http/provider-error.ts";
import { untilAborted } from "../http/until-aborted.ts";
import type { Secret } from "../secrets/secret.ts";
import { CachedToken, type IssuedToken } from "./cached-token.ts";
import { type ClientCredentials, clientGrant } from "./client-credentials.ts";
import { usableMs } from "./token-chain.ts";
import { type StoredChain, TokenChainStore } from "./token-chain-store.ts";
import { TokenEndpoint } from "./token-endpoint.ts";
import type { TokenSource } from "./token-source.ts";

/** A client that acts for a user who signed in. */
export interface RefreshTokenGrant extends Omit<ClientCredentials, "clientSecret"> {
  /** Absent: a public client. */
  readonly clientSecret?: Secret | undefined;
  /** As a person got it by signing in, from the options of the entry. Each entry needs one of its own. */
  readonly refreshToken: Secret;
  /** What to do when the provider no longer accepts the refresh token. Default: set `refresh_token` to a new one. */
  readonly grantHint?: string;
  /** The key of `context.storage` that is used. Default `refresh-token`. */
  readonly storageKey?: string;
}

/** What `refreshToken` uses of a connector's context. */
export type RefreshTokenContext = Pick<ConnectorContext, "clock" | "fetch" | "logger" | "storage">;

/**
 * Access tokens for a refresh token (RFC 6749 §6), also of a provider that replaces the refresh token with each use. The newest pair is in
 * `context.storage`: one process of all that share the state requests it, and the others use it. A new refresh token in the options
 * replaces what is stored. `token()` throws `<PREFIX>_UNAUTHORIZED` when a person has to sign in again.
 *
 * @example bearer(refreshToken({ tokenUrl, clientId, clientSecret, refreshToken: refresh_token, provider, codePrefix, entry }, context))
 */
export function refreshToken(grant: RefreshTokenGrant, context: RefreshTokenContext): TokenSource {
  return new RefreshedToken(grant, context);
}

const lookAgainMs = 500;
/** A process that claimed the refresh and stores nothing for so long has died: its request has a time-out of 30 s. */
const claimLapsesMs = 60_000;
/** A refresh token that was refused is not sent again for so long. */
const refusedForMs = 60 * 60_000;

/** A claim of another process. */
interface WaitedFor {
  readonly version: number | undefined;
  readonly sinceMs: number;
}

class RefreshedToken implements TokenSource {
  readonly #grant: RefreshTokenGrant;
  readonly #context: RefreshTokenContext;
  readonly #endpoint: TokenEndpoint;
  readonly #chains: TokenChainStore;
  readonly #cached: CachedToken;
  readonly #owner = randomUUID();
  /** The access token that the provider refused last. */
  #refusedAccess: string | undefined;
  #refused: { readonly refresh: string; readonly untilMs: number; readonly error: unknown } | undefined;
  /** Kept between calls: a caller may wait for less time than a claim takes to lapse. */
  #waited: WaitedFor | undefined;
  #refreshing: Promise<IssuedToken | undefined> | undefined;

  constructor(grant: RefreshTokenGrant, context: RefreshTokenContext) {
    this.#grant = grant;
    this.#context = context;
    const { tokenUrl, provider, codePrefix, entry, scope, storageKey: key = "refresh-token" } = grant;
    const hint = grant.hint ?? `set \`client_id\` and \`client_secret\` to those of a client that ${provider} accepts`;
    const grantHint = grant.grantHint ?? `set \`refresh_token\` to a new one: sign in at ${provider} again to get it`;
    this.#endpoint = new TokenEndpoint({ tokenUrl, provider, codePrefix, entry, hint, grantHint, scope, context });
    this.#chains = new TokenChainStore({ ...context, key, configured: grant.refreshToken.reveal() });
    this.#cached = new CachedToken({ clock: context.clock, mint: (signal) => this.#mint(signal) });
  }

  token(signal: AbortSignal): Promise<Secret> {
    return this.#cached.token(signal);
  }

  forget(refused: Secret): void {
    this.#refusedAccess = refused.reveal();
    this.#cached.forget(refused);
  }

  async #mint(signal: AbortSignal): Promise<IssuedToken> {
    const { clock } = this.#context;
    for (;;) {
      signal.throwIfAborted();
      if (this.#refreshing !== undefined)
        await untilAborted(
          this.#refreshing.catch(() => undefined),
          signal,
        );
      const stored = await this.#chains.read();
      const { chain, version } = stored;
      const leftMs = usableMs(chain, clock.now());
      if (chain.access !== undefined && leftMs !== undefined && chain.access.token !== this.#refusedAccess)
        return { token: chain.access.token, lifetimeMs: leftMs };
      this.#throwIfRefused(chain.refresh);
      if (chain.claim !== undefined && this.#waited?.version !== version) this.#waited = { version, sinceMs: clock.now() };
      const isClaimed = chain.claim !== undefined && chain.claim !== this.#owner;
      if (isClaimed && Math.abs(clock.now() - (this.#waited?.sinceMs ?? 0)) < claimLapsesMs) {
        await sleep(clock, lookAgainMs, signal);
        continue;
      }
      signal.throwIfAborted();
      const refreshing = this.#refresh(stored).finally(() => (this.#refreshing = undefined));
      this.#refreshing = refreshing;
      const issued = await untilAborted(refreshing, signal);
      if (issued !== undefined) return issued;
    }
  }

  /**
   * Undefined: another process was faster. No caller aborts it, the client's time-out ends it: a provider that replaces refresh tokens has
   * used up the one that was sent, and only the answer holds the next.
   */
  async #refresh({ chain, version }: StoredChain): Promise<IssuedToken | undefined> {
    if (!(await this.#chains.write({ ...chain, claim: this.#owner }, version))) return undefined;
    const { from, past, refresh: used } = chain;
    let issued: IssuedToken;
    try {
      issued = await this.#endpoint.request(toGrant(this.#grant, used), new AbortController().signal);
    } catch (error) {
      if ((await this.#leave(used)) === "replaced") return undefined;
      if (isProviderError(error, "unauthorized"))
        this.#refused = { refresh: used, untilMs: this.#context.clock.now() + refusedForMs, error };
      throw error;
    }
    const { token, lifetimeMs, refreshToken: refresh = used } = issued;
    const expiry =
      lifetimeMs === undefined ? {} : { expires_at_ms: this.#context.clock.now() + lifetimeMs, lifetime_ms: lifetimeMs };
    await this.#chains.save({ chain: { v: 1, from, past, refresh, access: { token, ...expiry } }, used });
    return issued;
  }

  /** Gives the claim back, so that other processes need not wait for its lapse. */
  async #leave(used: string): Promise<"kept" | "replaced"> {
    try {
      const { chain, version } = await this.#chains.read();
      if (chain.refresh !== used) return "replaced";
      const { claim, ...rest } = chain;
      if (claim === this.#owner) await this.#chains.write(rest, version);
    } catch (error) {
      this.#context.logger.debug("a claim of a token could not be given back", { error });
    }
    return "kept";
  }

  #throwIfRefused(refresh: string): void {
    const refused = this.#refused;
    if (refused?.refresh === refresh && this.#context.clock.now() < refused.untilMs) throw refused.error;
  }
}

function toGrant({ scope, ...client }: RefreshTokenGrant, used: string) {
  return clientGrant(client, { grant_type: "refresh_token", refresh_token: used, scope });
}
