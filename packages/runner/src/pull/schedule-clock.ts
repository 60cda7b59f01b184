import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { maxDueAheadMs } from "@statewave-connectors/connector-sdk/store";
import { steadyNow } from "../steady-now.ts";

export interface ScheduleClockOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The correction has changed: what is planned has to be planned again. */
  readonly onChange: () => void;
}

/** The first guess at how far this machine is ahead; it doubles with each claim that is still early. */
const firstGuessMs = 2 * maxDueAheadMs;

/**
 * The time by which dues are met: that of this machine, corrected where a store with a clock of its own proves it wrong. A due that the
 * store calls early is not yet due there; a due that is finished there although it lies ahead here has passed there.
 */
export class ScheduleClock implements Clock {
  readonly #options: ScheduleClockOptions;
  #correctionMs = 0;
  #guessMs = firstGuessMs;

  constructor(options: ScheduleClockOptions) {
    this.#options = options;
  }

  /** By how much the store's clock seems to be ahead of this machine's; behind if negative. */
  get correctionMs(): number {
    return this.#correctionMs;
  }

  /** One sentence for people; undefined while the clocks agree. */
  get sentence(): string | undefined {
    if (this.#correctionMs === 0) return undefined;
    const differenceS = Math.round(Math.abs(this.#correctionMs) / 1000);
    return `this machine's clock is about ${differenceS} s ${this.#correctionMs > 0 ? "behind" : "ahead of"} the store's`;
  }

  now(): number {
    return this.#options.clock.now() + this.#correctionMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    return this.#options.clock.after(delayMs, callback);
  }

  elapsed(): number {
    return steadyNow(this.#options.clock);
  }

  /** The store called a due early. One beyond the bound by this clock, too, says nothing about the clocks. */
  dueWasEarly(dueMs: number): void {
    if (dueMs > this.now() + maxDueAheadMs) return;
    const guessMs = this.#guessMs;
    this.#guessMs *= 2;
    this.#correct(this.#correctionMs - guessMs);
  }

  /** The store called a due finished, and this was the last finished one of its source. */
  dueWasFinished(finishedDueMs: number | undefined): void {
    if (finishedDueMs === undefined || finishedDueMs <= this.now() + maxDueAheadMs) return;
    this.#guessMs = firstGuessMs;
    this.#correct(finishedDueMs - this.#options.clock.now());
  }

  /** This machine's clock was set: what was learned holds no more. */
  reset(): void {
    this.#correctionMs = 0;
    this.#guessMs = firstGuessMs;
  }

  #correct(correctionMs: number): void {
    const { logger, onChange } = this.#options;
    this.#correctionMs = correctionMs;
    logger.warn("the clocks of this machine and of the cursor store differ; dues follow the store's", {
      store_ahead_ms: Math.round(correctionMs),
    });
    onChange();
  }
}
