import { longestWaitMs } from "../http/retry-after.ts";
import type { Clock } from "../contract/clock.ts";
import { type ConnectorsError, describeError, isConnectorsError } from "../contract/errors.ts";
import type { Logger } from "../contract/logger.ts";
import { ExpiringCache } from "./expiring-cache.ts";

/** How names are requested one by one. */
interface FetchesOne<Value> {
  /** Requests one; undefined: the provider has no name for it. The signal never aborts: other callers may wait for the same name. */
  readonly fetch: (id: string, signal: AbortSignal) => Promise<Value | undefined>;
  readonly fetchMany?: undefined;
  readonly mostAtOnce?: undefined;
}

/** How names are requested where the provider gives several at once. */
interface FetchesMany<Value> {
  /** Requests some; one that is missing in the answer has no name. The signal never aborts. */
  readonly fetchMany: (ids: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, Value>>;
  /** The most ids that the provider takes in one request. */
  readonly mostAtOnce: number;
}

/** How the names of one kind are looked up. */
export type NameKind<Value> = NameKindFacts & (FetchesOne<Value> | FetchesMany<Value>);

interface NameKindFacts {
  /** The request, as logs name it, e.g. `users.info`. */
  readonly method: string;
  /** Whether an error is the provider's word on this one id, such as "not found". Any other error concerns all of the kind. */
  readonly isAbsent: (error: ConnectorsError) => boolean;
  /** The most names that are remembered. Default 5,000. */
  readonly most?: number;
}

export interface LookUpOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often a look-up is tried at once while it fails for a reason that may pass. */
  readonly attempts: number;
}

const defaultMost = 5_000;
/** How long a name is remembered: a changed one shows after that. */
const knownForMs = 60 * 60_000;
/** An id that the provider does not know, or will not show. */
const unknownForMs = 10 * 60_000;
/** After an outage, and after a refusal that only a person can fix, no look-ups are made for so long. */
const restAfterOutageMs = 60_000;
const restAfterRefusalMs = 10 * 60_000;
/** Ids that fail one after the other before look-ups rest, where each is tried more than once. */
const failuresUntilRest = 2;
/** An id that failed so many times, while others were answered, is at fault itself. */
const failuresUntilUnknown = 3;
/** The same, while no other was requested. */
const failuresUntilUnknownAlone = 10;
/** A look-up continues for others when the caller that began it gives up. */
const neverAborts = new AbortController().signal;

/** The names of one kind: those that are known, and how their look-ups go. */
export class LookUps<Value> {
  readonly #kind: NameKind<Value>;
  readonly #options: LookUpOptions;
  /** Undefined: the provider has no name for it. */
  readonly #known: ExpiringCache<Value | undefined>;
  readonly #failures = new Map<string, { readonly count: number; readonly answersBefore: number }>();
  #answers = 0;
  #failuresInARow = 0;
  #restsUntilMs = 0;
  /** Fewer while the provider refuses a request for one of its ids. */
  #mostTogether = Infinity;
  /** Why the last one that failed did so. */
  error: ConnectorsError | undefined;

  constructor(kind: NameKind<Value>, options: LookUpOptions) {
    this.#kind = kind;
    this.#options = options;
    this.#known = new ExpiringCache(kind.most ?? defaultMost);
  }

  get(id: string): Value | undefined {
    return this.#known.get(id, this.#options.clock.now());
  }

  /** Whether a look-up is still due: it is not where the provider has said that there is no name. */
  isOpen(id: string): boolean {
    return !this.#known.has(id, this.#options.clock.now());
  }

  learn(id: string, value: Value | undefined): void {
    this.#known.set(id, value, this.#options.clock.now() + knownForMs);
  }

  /** A new run: what failed in passing before may be over. */
  tryAgain(): void {
    this.#failuresInARow = 0;
    if (this.error?.retryAtMs === undefined && this.error?.retryable === true) this.#restsUntilMs = 0;
  }

  /** Requests one name, and others with it where the provider gives several at once. A look-up that fails leaves them open. */
  async lookUp(id: string, others: readonly string[]): Promise<void> {
    const { attempts, clock } = this.#options;
    let attempt = 1;
    // It may have come with others while it waited for its turn.
    while (this.#restsUntilMs <= clock.now() && this.isOpen(id)) {
      const ids = this.#together(id, others);
      try {
        await this.#request(ids);
        this.#mostTogether *= 2;
        return this.#answered(id);
      } catch (error) {
        if (!isConnectorsError(error)) throw error;
        if (this.#kind.isAbsent(error)) {
          if (ids.length === 1) return this.#keepAbsent(id);
          // Any of them may be the one that the provider does not know.
          this.#mostTogether = Math.floor(ids.length / 2);
          continue;
        }
        const mayPass = error.retryable && error.retryAtMs === undefined;
        if (mayPass && attempt < attempts) {
          attempt += 1;
          continue;
        }
        if (mayPass && this.#failed(id)) return this.#keepAbsent(id);
        return this.#rest(error);
      }
    }
  }

  /** The ids that are requested with one, itself first. */
  #together(id: string, others: readonly string[]): readonly [string, ...string[]] {
    const { fetchMany, mostAtOnce = 1 } = this.#kind;
    // One id that the provider cannot answer for must not fail all others with it again.
    if (fetchMany === undefined || this.#failuresInARow > 0) return [id];
    const isFit = (other: string) => other !== id && this.isOpen(other) && !this.#failures.has(other);
    return [id, ...others.filter(isFit).slice(0, Math.min(mostAtOnce, this.#mostTogether) - 1)];
  }

  async #request(ids: readonly [string, ...string[]]): Promise<void> {
    const kind = this.#kind;
    if (kind.fetchMany === undefined) return this.learn(ids[0], await kind.fetch(ids[0], neverAborts));
    const found = await kind.fetchMany(ids, neverAborts);
    for (const each of ids) this.learn(each, found.get(each));
  }

  #keepAbsent(id: string): void {
    this.#known.set(id, undefined, this.#options.clock.now() + unknownForMs);
  }

  #answered(id: string): void {
    this.#failuresInARow = 0;
    this.#answers += 1;
    this.#failures.delete(id);
  }

  /** Whether the id is at fault, and not the provider. */
  #failed(id: string): boolean {
    this.#failuresInARow += 1;
    const { count, answersBefore } = this.#failures.get(id) ?? { count: 0, answersBefore: this.#answers };
    const isEnough = this.#answers > answersBefore ? failuresUntilUnknown : failuresUntilUnknownAlone;
    const isAtFault = count + 1 >= isEnough;
    this.#failures.delete(id);
    if (!isAtFault && this.#failures.size < defaultMost) this.#failures.set(id, { count: count + 1, answersBefore });
    return isAtFault;
  }

  #rest(error: ConnectorsError): void {
    const { clock, logger, attempts } = this.#options;
    this.error = error;
    if (error.retryable && error.retryAtMs === undefined && attempts > 1 && this.#failuresInARow < failuresUntilRest) return;
    const nowMs = clock.now();
    const restMs = error.retryable ? restAfterOutageMs : restAfterRefusalMs;
    this.#restsUntilMs = Math.min(error.retryAtMs ?? nowMs + restMs, nowMs + longestWaitMs);
    logger.warn("names cannot be looked up for now", {
      method: this.#kind.method,
      until: new Date(this.#restsUntilMs).toISOString(),
      reason: describeError(error),
    });
  }
}
