import type { Clock } from "@statewave-connectors/connector-sdk";

/** Calls `onTimeout` when `timeoutMs` pass between a `start` and the next `start` or `stop`. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #onTimeout: () => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, timeoutMs: number, onTimeout: () => void) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#onTimeout = onTimeout;
  }

  start(): void {
    this.stop();
    this.#cancel = this.#clock.after(this.#timeoutMs, this.#onTimeout);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
