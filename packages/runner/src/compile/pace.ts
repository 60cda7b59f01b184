import { type Clock, sleep } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";

export interface PaceOptions {
  readonly clock: Clock;
  /** Whether episodes are being delivered. */
  readonly isBusy: () => boolean;
}

/** While nothing is delivered, so many subjects are compiled at a time, and so many begin in a second. */
const mostAtATime = 4;
const mostPerSecond = 100;
/** While something is, one at a time, for a twentieth of the time: the server has one processor for both. */
const restPerWork = 19;
/** A compile of many seconds waits for a language model, and leaves the processor to delivery: a longer rest would only delay the others. */
const longestRestMs = 30_000;

/** Decides when the next compile may begin, so that delivery is not slowed. */
export class Pace {
  readonly #options: PaceOptions;
  readonly #running = new Set<Promise<unknown>>();
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Waits until another one may begin. */
  async turn(signal: AbortSignal): Promise<void> {
    const { clock, isBusy } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.#notBeforeMs - steadyNow(clock);
      if (this.#running.size >= (isBusy() ? 1 : mostAtATime)) await Promise.race(this.#running);
      else if (waitMs > 0) await sleep(clock, waitMs, signal);
      else return;
    }
  }

  /** Runs one. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const { clock, isBusy } = this.#options;
    const startedAtMs = steadyNow(clock);
    this.rest(1_000 / mostPerSecond);
    const running = work();
    const settled = running.then(
      () => undefined,
      () => undefined,
    );
    this.#running.add(settled);
    try {
      return await running;
    } finally {
      this.#running.delete(settled);
      if (isBusy()) this.rest(Math.min(longestRestMs, (steadyNow(clock) - startedAtMs) * restPerWork));
    }
  }

  /** None begins for so long. */
  rest(forMs: number): void {
    this.#notBeforeMs = Math.max(this.#notBeforeMs, steadyNow(this.#options.clock) + forMs);
  }

  /** Waits until all that began have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }
}
