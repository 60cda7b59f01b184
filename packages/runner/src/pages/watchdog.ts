import type { Clock } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";

/** Calls `onTimeout` when `timeoutMs` pass between a `start` and the next `start` or `stop`, without the time between `pause` and `resume`. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #onTimeout: () => void;
  #cancel: (() => void) | undefined;
  #endsAtMs = 0;
  #remainingMs: number;

  constructor(clock: Clock, timeoutMs: number, onTimeout: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#remainingMs = timeoutMs;
    this.#onTimeout = onTimeout;
  }

  start(): void {
    this.#arm(this.#timeoutMs);
  }

  pause(): void {
    if (this.#cancel === undefined) return;
    this.#remainingMs = Math.min(Math.max(0, this.#endsAtMs - steadyNow(this.#clock)), this.#timeoutMs);
    this.stop();
  }

  /** Continues with the time that was left at the last `pause`. */
  resume(): void {
    this.#arm(this.#remainingMs);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(timeoutMs: number): void {
    this.stop();
    this.#endsAtMs = steadyNow(this.#clock) + timeoutMs;
    this.#cancel = this.#clock.after(timeoutMs, this.#onTimeout);
  }
}
