import type { Clock } from "@statewave-connectors/connector-sdk";

export interface ClockWatchOptions {
  readonly clock: Clock;
  /** The clock was set by so much, back if negative. A process that was suspended looks as if the clock was set forward. */
  readonly onStep: (byMs: number) => void;
}

/** After how long a step is noticed. */
const lookEveryMs = 30_000;
/** Timers are late on a busy machine, and a clock that is slewed runs a little off. */
const toleratedMs = 1_000;

/** Notices that the clock was set, by comparing it with how long a timer took. */
export class ClockWatch {
  readonly #options: ClockWatchOptions;
  #expectedMs = 0;
  #cancel: (() => void) | undefined;

  constructor(options: ClockWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock } = this.#options;
    this.stop();
    this.#expectedMs = clock.now() + lookEveryMs;
    this.#cancel = clock.after(lookEveryMs, () => this.compare(this.#expectedMs));
  }

  /** To be called when a timer ends at which the clock should show `expectedMs`. */
  compare(expectedMs: number): void {
    const byMs = this.#options.clock.now() - expectedMs;
    if (Math.abs(byMs) > toleratedMs) this.#options.onStep(byMs);
    this.start();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
