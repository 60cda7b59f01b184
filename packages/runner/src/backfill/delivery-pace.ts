import { type Clock, type Episode, sleep } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";

/** What a slow provider leaves unused counts for later for no longer than this. */
const longestCreditMs = 1_000;

/** A rate that was changed counts after so long at the latest. */
const longestSleepMs = 1_000;

/** Keeps the deliveries of one backfill at its rate, which may change meanwhile. */
export class DeliveryPace {
  readonly #clock: Clock;
  /** Undefined: as fast as the sink. */
  readonly #perSecond: () => number | undefined;
  /** When everything so far may have been delivered, steady time. */
  #paidMs: number;

  constructor(clock: Clock, perSecond: () => number | undefined) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#paidMs = steadyNow(clock);
  }

  /** Episodes in portions of a second at most, each when its time has come. Rejects with the signal's reason. */
  async *portions(episodes: readonly Episode[], signal: AbortSignal): AsyncGenerator<readonly Episode[], void> {
    for (let start = 0; start < episodes.length;) {
      const size = Math.max(1, Math.floor(this.#perSecond() ?? episodes.length));
      const portion = episodes.slice(start, start + size);
      await this.#pay(portion.length, signal);
      yield portion;
      start += size;
    }
  }

  async #pay(count: number, signal: AbortSignal): Promise<void> {
    const fromMs = Math.max(this.#paidMs, steadyNow(this.#clock) - longestCreditMs);
    for (;;) {
      const perSecond = this.#perSecond();
      const nowMs = steadyNow(this.#clock);
      this.#paidMs = perSecond === undefined ? nowMs : fromMs + (count * 1_000) / perSecond;
      if (this.#paidMs <= nowMs) return;
      await sleep(this.#clock, Math.min(longestSleepMs, this.#paidMs - nowMs), signal);
    }
  }
}
