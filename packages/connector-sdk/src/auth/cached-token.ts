import type { Clock } from "../contract/clock.ts";
import { isConnectorsError } from "../contract/errors.ts";
import { Secret } from "../secrets/secret.ts";
import { SharedRequest } from "./shared-request.ts";
import type { TokenSource } from "./token-source.ts";

/** A token as the provider issued it. */
export interface IssuedToken {
  readonly token: string;
  /**
   * How long it is valid, from the moment of the request. A provider that names an instant means its own clock: subtract the `Date` header
   * of its answer. Absent: until the provider refuses it.
   */
  readonly lifetimeMs?: number | undefined;
  /** Replaces the refresh token that was sent. */
  readonly refreshToken?: string | undefined;
}

/** How {@link CachedToken} gets its tokens. */
export interface CachedTokenOptions {
  /** Requests one token. It has a deadline of its own; the signal aborts when no caller waits any longer. */
  readonly mint: (signal: AbortSignal) => Promise<IssuedToken>;
  readonly clock: Clock;
  /** How long before its end a token is replaced, so that a request that begins now ends in time. Default 5 minutes, at most half the lifetime. */
  readonly renewBeforeMs?: number;
}

const fiveMinutesMs = 5 * 60_000;
/** No token is replaced sooner, whatever lifetime the provider states: each request would mint one. */
const shortestUseMs = 10_000;
/** No further token is requested sooner from a provider that refuses each one as soon as it issues it. */
const forgetIntervalMs = 30_000;
/** While the present token is valid, a failed renewal is not repeated sooner. */
const renewalIntervalMs = 10_000;
/** A clock that was set back by more than this makes the age of a token unknown. */
const smallStepMs = 60_000;

interface Held {
  readonly token: Secret;
  readonly mintedAtMs: number;
  readonly renewAtMs: number;
  readonly endsAtMs: number;
}

/**
 * A token that is requested when it is needed and kept until shortly before it expires. Callers that need one at the same time share one
 * request. When a renewal fails for now, the present token serves until its end.
 */
export class CachedToken implements TokenSource {
  readonly #options: CachedTokenOptions;
  readonly #request: SharedRequest<Secret>;
  #held: Held | undefined;
  #renewalFailedAtMs = -Infinity;
  #forgottenAtMs = -Infinity;

  constructor(options: CachedTokenOptions) {
    this.#options = options;
    this.#request = new SharedRequest((signal) => this.#mint(signal));
  }

  async token(signal: AbortSignal): Promise<Secret> {
    signal.throwIfAborted();
    const nowMs = this.#options.clock.now();
    const held = this.#held;
    if (held === undefined || nowMs >= held.endsAtMs || nowMs < held.mintedAtMs - smallStepMs) return this.#request.join(signal);
    if (nowMs < held.renewAtMs || isWithin(nowMs, this.#renewalFailedAtMs, renewalIntervalMs)) return held.token;
    return this.#renewed(held, signal);
  }

  forget(refused: Secret): void {
    const nowMs = this.#options.clock.now();
    if (this.#held?.token.reveal() !== refused.reveal() || isWithin(nowMs, this.#forgottenAtMs, forgetIntervalMs)) return;
    this.#held = undefined;
    this.#forgottenAtMs = nowMs;
  }

  async #renewed(held: Held, signal: AbortSignal): Promise<Secret> {
    try {
      return await this.#request.join(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isConnectorsError(error) || !error.retryable) throw error;
      this.#renewalFailedAtMs = this.#options.clock.now();
      return held.token;
    }
  }

  async #mint(signal: AbortSignal): Promise<Secret> {
    const { clock, mint, renewBeforeMs = fiveMinutesMs } = this.#options;
    // Before the request: the provider counts from some moment of it.
    const mintedAtMs = clock.now();
    const { token, lifetimeMs = Infinity } = await mint(signal);
    const usableMs = Number.isNaN(lifetimeMs) ? Infinity : Math.max(lifetimeMs, shortestUseMs);
    this.#held = {
      token: new Secret(token, { minted: true }),
      mintedAtMs,
      renewAtMs: mintedAtMs + Math.max(usableMs - renewBeforeMs, usableMs / 2, shortestUseMs),
      endsAtMs: mintedAtMs + usableMs,
    };
    return this.#held.token;
  }
}

/** False also for a moment in the future, which a clock that was set back leaves behind. */
function isWithin(nowMs: number, sinceMs: number, durationMs: number): boolean {
  return nowMs >= sinceMs && nowMs - sinceMs < durationMs;
}
