import { type Clock, type Episode, sleep } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";

/** What a slow provider leaves unused counts for later for no longer than this. */
const longestCreditMs = 1_000;

/** Keeps the deliveries of one backfill at a rate. */
export class DeliveryPace {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** When everything so far may have been delivered, steady time. */
  #paidMs: number;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#paidMs = steadyNow(clock);
  }

  /** Episodes in portions of a second at most, each when its time has come. Rejects with the signal's reason. */
  async *portions(episodes: readonly Episode[], signal: AbortSignal): AsyncGenerator<readonly Episode[], void> {
    const size = Math.max(1, Math.floor(this.#perSecond));
    for (let start = 0; start < episodes.length; start += size) {
      const portion = episodes.slice(start, start + size);
      await this.#pay(portion.length, signal);
      yield portion;
    }
  }

  async #pay(count: number, signal: AbortSignal): Promise<void> {
    const nowMs = steadyNow(this.#clock);
    this.#paidMs = Math.max(this.#paidMs, nowMs - longestCreditMs) + (count * 1_000) / this.#perSecond;
    if (this.#paidMs > nowMs) await sleep(this.#clock, this.#paidMs - nowMs, signal);
  }
}
