import type { ProviderAnswer } from "@statewave-connectors/testing/fake-provider";

/** What an account may request. */
export interface FreshdeskLimit {
  /** All requests together, in credits. */
  readonly perMinute: number;
  /** Lists of tickets besides; undefined: no limit of their own. */
  readonly listsPerMinute?: number;
}

const minuteMs = 60_000;

/** Counts credits in minutes that begin with a request. */
export class Credits {
  readonly #limit: FreshdeskLimit | undefined;
  readonly #windowMs: number;
  #endsAtMs = -Infinity;
  #used = 0;
  #lists = 0;

  /** @param timeScale Minutes are so many times as short. */
  constructor(limit: FreshdeskLimit | undefined, timeScale: number) {
    this.#limit = limit;
    this.#windowMs = minuteMs / timeScale;
  }

  /** The answer with the headers of the limit, or a refusal. */
  take(nowMs: number, credits: number, isList: boolean, answer: () => ProviderAnswer): ProviderAnswer {
    const limit = this.#limit;
    if (limit === undefined) return answer();
    if (nowMs >= this.#endsAtMs) {
      this.#endsAtMs = nowMs + this.#windowMs;
      this.#used = 0;
      this.#lists = 0;
    }
    const isListTooMany = isList && this.#lists >= (limit.listsPerMinute ?? Infinity);
    const isAllowed = this.#used < limit.perMinute && !isListTooMany;
    if (isAllowed) {
      this.#used += credits;
      this.#lists += isList ? 1 : 0;
    }
    const headers = {
      "x-ratelimit-total": String(limit.perMinute),
      "x-ratelimit-remaining": String(Math.max(0, limit.perMinute - this.#used)),
      "x-ratelimit-used-currentrequest": String(isAllowed ? credits : 0),
    };
    if (!isAllowed) {
      const seconds = Math.max(1, Math.ceil((this.#endsAtMs - nowMs) / 1_000));
      return {
        status: 429,
        headers: { ...headers, "retry-after": String(seconds) },
        body: { message: "You have exceeded the limit of requests per minute" },
      };
    }
    const made = answer();
    return { ...made, headers: { ...headers, ...made.headers } };
  }
}
