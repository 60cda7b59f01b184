import type { Clock } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";

export interface AcceptsFirstOptions {
  readonly clock: Clock;
  /** The share of the time since the last call in which the main thread was busy, 0 to 1. */
  readonly readUtilization: () => number;
  /** `givesWay` changed. */
  readonly onChange: () => void;
}

/** How often the utilization is read, and how long after the last accept there is nothing to give way to. */
const sampleMs = 100;
/** With a storage thread and a database on the same machine the main thread is the bottleneck well before it is busy all the time. */
const busyFrom = 0.7;
/** While delivery gives way, it gets one event for so many accepted. */
const acceptsPerEvent = 8;
/** Events that it may claim before it begins to give way. */
const headStart = 100;

/**
 * Lets delivery give way while the main thread is busy and webhooks come in: what is accepted is safe and can be delivered later, while a
 * provider that waits too long for its answer gives up. Delivery still continues, at a fraction of the pace, and at its own as soon as the
 * thread has time or no webhook comes.
 */
export class AcceptsFirst {
  readonly #options: AcceptsFirstOptions;
  #credit = headStart;
  #isBusy = false;
  #givesWay = false;
  #sampledAtMs = Number.NEGATIVE_INFINITY;
  #acceptedSinceCheck = false;

  constructor(options: AcceptsFirstOptions) {
    this.#options = options;
  }

  /** Whether nothing more should be claimed for now. */
  get givesWay(): boolean {
    return this.#givesWay;
  }

  /** A webhook is safe. */
  accepted(): void {
    const nowMs = steadyNow(this.#options.clock);
    this.#acceptedSinceCheck = true;
    if (nowMs - this.#sampledAtMs >= sampleMs) {
      this.#isBusy = this.#options.readUtilization() >= busyFrom;
      this.#sampledAtMs = nowMs;
    }
    this.#credit = this.#isBusy ? Math.min(headStart, this.#credit + 1 / acceptsPerEvent) : headStart;
    this.#decide();
  }

  /** An event was claimed. */
  taken(): void {
    if (!this.#isBusy) return;
    this.#credit -= 1;
    this.#decide();
  }

  #decide(): void {
    const givesWay = this.#isBusy && this.#credit <= 0;
    if (givesWay === this.#givesWay) return;
    this.#givesWay = givesWay;
    if (givesWay) this.#checkLater();
    this.#options.onChange();
  }

  /** Without any further webhook, nothing else would notice. */
  #checkLater(): void {
    this.#acceptedSinceCheck = false;
    this.#options.clock.after(sampleMs, () => {
      if (!this.#givesWay) return;
      if (this.#acceptedSinceCheck) return this.#checkLater();
      this.#isBusy = false;
      this.#credit = headStart;
      this.#decide();
    });
  }
}
