import type { Clock } from "@statewave-connectors/connector-sdk";
import { backoffMs } from "./backoff.ts";

/** A batch without an answer for so long is a reason to look; with the 5 s that the sink has for that, its silence is known after 10 s. */
const silentAfterMs = 5_000;

export interface ReachabilityOptions {
  /** Whether the sink answers a request that holds no episode. */
  readonly ask: (signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onChange: (isReachable: boolean) => void;
}

/**
 * Finds out, when a batch failed or has no answer, whether the sink can be reached: a request without episodes cannot be its own cause.
 * While the sink is unreachable it is repeated at growing intervals, so that a process without episodes learns when it may deliver.
 */
export class Reachability {
  readonly #options: ReachabilityOptions;
  readonly #aborter = new AbortController();
  #isReachable = true;
  #isAsking = false;
  /** Batches that were answered: an older miss says nothing any more. */
  #answered = 0;
  /** Times in a row that it did not answer. */
  #misses = 0;
  #cancelNext: () => void = () => undefined;
  /** What cancels the look after each batch under way. */
  readonly #looks = new Set<() => void>();

  constructor(options: ReachabilityOptions) {
    this.#options = options;
  }

  /** A batch was sent; the returned function is called when it has come to an end. */
  sent(): () => void {
    const cancel = this.#options.clock.after(silentAfterMs, () => {
      this.#looks.delete(cancel);
      this.batchFailed();
    });
    this.#looks.add(cancel);
    return () => {
      this.#looks.delete(cancel);
      cancel();
    };
  }

  /** A batch failed. */
  batchFailed(): void {
    if (this.#isReachable && !this.#isAsking) void this.#ask();
  }

  /** The sink answered a batch, whatever it said. */
  answered(): void {
    this.#answered += 1;
    this.#cancelNext();
    this.#misses = 0;
    if (this.#isReachable) return;
    this.#isReachable = true;
    this.#options.onChange(true);
  }

  /** Sends no further request. */
  close(): void {
    this.#aborter.abort();
    this.#cancelNext();
    for (const cancel of this.#looks) cancel();
  }

  async #ask(): Promise<void> {
    const { ask, clock, random, onChange } = this.#options;
    const { signal } = this.#aborter;
    const answeredBefore = this.#answered;
    this.#isAsking = true;
    const answers = await ask(signal).catch(() => false);
    this.#isAsking = false;
    if (signal.aborted || this.#answered > answeredBefore) return;
    if (answers) {
      this.answered();
      return;
    }
    this.#cancelNext = clock.after(backoffMs(this.#misses, random), () => void this.#ask());
    this.#misses += 1;
    if (!this.#isReachable) return;
    this.#isReachable = false;
    onChange(false);
  }
}
