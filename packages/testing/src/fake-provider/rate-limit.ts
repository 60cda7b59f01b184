/** How many requests the provider allows, and how it says so. */
export interface ProviderLimit {
  readonly requests: number;
  /** In any window of this length. */
  readonly windowMs: number;
  /** The status of a refusal. Default 429. */
  readonly status?: number;
  /**
   * Which headers name the limit. `retry-after`: in seconds, on a refusal. `reset`: `x-ratelimit-limit`, `-remaining` and `-reset` (epoch
   * seconds) on every answer. Default: both.
   */
  readonly headers?: "retry-after" | "reset";
}

/** What the answer to a request says of the limit. */
export interface LimitDecision {
  readonly isAllowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Counts requests in windows that begin with a request. */
export class RequestWindow {
  readonly #limit: ProviderLimit;
  #endsAtMs = -Infinity;
  #count = 0;

  /** @param timeScale Windows are so many times as short. */
  constructor(limit: ProviderLimit, timeScale: number) {
    this.#limit = { ...limit, windowMs: limit.windowMs / timeScale };
  }

  take(nowMs: number): LimitDecision {
    const { requests, windowMs, headers: form } = this.#limit;
    if (nowMs >= this.#endsAtMs) {
      this.#endsAtMs = nowMs + windowMs;
      this.#count = 0;
    }
    const isAllowed = this.#count < requests;
    if (isAllowed) this.#count += 1;
    const waitSeconds = Math.max(1, Math.ceil((this.#endsAtMs - nowMs) / 1_000));
    return {
      isAllowed,
      headers: {
        ...(form !== "retry-after" && {
          "x-ratelimit-limit": String(requests),
          "x-ratelimit-remaining": String(requests - this.#count),
          "x-ratelimit-reset": String(Math.ceil(this.#endsAtMs / 1_000)),
        }),
        ...(form !== "reset" && !isAllowed && { "retry-after": String(waitSeconds) }),
      },
    };
  }
}
