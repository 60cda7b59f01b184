import type { AnswerFacts, Verdict } from "./answers.ts";
import type { ProviderError } from "./provider-error.ts";
import type { ClientLimits, ProviderOptions } from "./provider-options.ts";
import type { ProviderWords } from "./provider-words.ts";
import { BudgetRefusal, type Permit, type RateBudget, type RateLimit } from "./rate-budget.ts";
import { isUsedUp, namedWaitMs } from "./retry-after.ts";
import { sharedBudget } from "./shared-budgets.ts";

/** The request that a place in the budget is for. */
export interface BudgetedRequest {
  readonly requestName: string;
  readonly lane: string | undefined;
  readonly cost?: number | undefined;
  readonly signal: AbortSignal;
}

/** Who is refused because of another's limit comes a little later than it. */
const longestJitterMs = 10_000;

/** One client's part in the budget that it shares with all clients of the same credentials. */
export class ClientBudget {
  readonly #options: ProviderOptions;
  readonly #limits: Required<ClientLimits>;
  readonly #words: ProviderWords;
  readonly #origin: string;
  #shared: { readonly credential: string; readonly budget: RateBudget } | undefined;

  constructor(options: ProviderOptions, limits: Required<ClientLimits>, words: ProviderWords) {
    this.#options = options;
    this.#limits = limits;
    this.#words = words;
    this.#origin = new URL(options.baseUrl).origin;
  }

  /** A place in flight. Throws `…_RATE_LIMITED` when that would take longer than the patience. */
  async acquire(credential: string, { requestName, lane, cost = 1, signal }: BudgetedRequest): Promise<Permit> {
    const { rate } = this.#options;
    const { concurrency, patienceMs } = this.#limits;
    const laneLimit = lane === undefined ? undefined : rate?.lanes?.[lane];
    try {
      const request = { owner: this, signal, lane, limit: rate?.limit, laneLimit, cost, concurrency, patienceMs };
      return await this.#budgetOf(credential).acquire(request);
    } catch (error) {
      throw error instanceof BudgetRefusal ? this.#refused(error, requestName) : error;
    }
  }

  /** Heeds what a success says of the limit: after the last request the next one would be refused. */
  succeeded({ headers }: AnswerFacts, { startedMs }: Permit, { lane, signal }: BudgetedRequest): void {
    const budget = this.#shared?.budget;
    budget?.succeeded(lane, startedMs);
    const names = this.#options.rate?.headers;
    if (names === undefined || !isUsedUp(headers, names)) return;
    const waitMs = namedWaitMs(headers, names, this.#options.context.clock.now()) ?? names.defaultWaitMs;
    if (waitMs !== undefined) budget?.pause(lane, waitMs, { owner: this, signal });
  }

  /** Heeds a limit that the provider named: all clients of the credentials rest. */
  limited({ retryAtMs }: ProviderError, { everyLane = false }: Verdict, { lane, signal }: BudgetedRequest): void {
    if (retryAtMs === undefined) return;
    const waitMs = retryAtMs - this.#options.context.clock.now();
    this.#shared?.budget.pause(everyLane ? undefined : lane, waitMs, { owner: this, signal });
  }

  learn(lane: string, limit: RateLimit | undefined, forMs: number): void {
    this.#shared?.budget.learn(lane, limit, forMs);
  }

  #budgetOf(credential: string): RateBudget {
    if (this.#shared?.credential !== credential) {
      this.#shared = { credential, budget: sharedBudget(this.#options.context.clock, this.#origin, credential) };
    }
    return this.#shared.budget;
  }

  #refused({ retryAtMs, hint: limitHint, isShared, limit }: BudgetRefusal, requestName: string): ProviderError {
    const { context, hints, provider } = this.#options;
    const waitMs = retryAtMs - context.clock.now();
    const jitterMs = isShared ? (context.random?.() ?? 0) * Math.min(waitMs / 10, longestJitterMs) : 0;
    const hint = limitHint ?? (typeof hints?.rate_limited === "string" ? hints.rate_limited : undefined);
    const why =
      limit === undefined
        ? "the limit of the credentials is used up"
        : `${limit.requests} in ${limit.intervalMs / 1_000} s are used up`;
    return this.#words.of({
      is: "rate_limited",
      message: `${provider} limits ${requestName}: ${why}`,
      waitMs: Math.ceil(waitMs + jitterMs),
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
