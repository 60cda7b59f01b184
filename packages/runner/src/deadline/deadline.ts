import type { Clock } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";
import { LinkedAbort } from "./linked-abort.ts";

/** The reason of a deadline that has none of its own. What listens to the signal sees an ordinary abort. */
export const timeIsOver = new DOMException("the time is over", "AbortError");

export interface DeadlineOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Why the signal aborts when the time is over. Default: `timeIsOver`. */
  readonly reason?: () => unknown;
  /** The deadline aborts with it, too, for its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Is aborted in place of a signal of its own: one signal less where a deadline is set for every event. */
  readonly linked?: LinkedAbort;
}

/** A signal that aborts when a time is over, or together with another signal. */
export class Deadline {
  readonly #options: DeadlineOptions;
  readonly #linked: LinkedAbort;
  #cancel: (() => void) | undefined;
  #endsAtMs = 0;
  #remainingMs: number;

  /** The time does not pass until `start`. */
  constructor(options: DeadlineOptions) {
    this.#options = options;
    this.#linked = options.linked ?? new LinkedAbort(options.signal);
    this.#remainingMs = options.timeoutMs;
  }

  get signal(): AbortSignal {
    return this.#linked.signal;
  }

  /** Lets the whole time pass, from now on. */
  start(): this {
    this.#arm(this.#options.timeoutMs);
    return this;
  }

  /** Stops the time. */
  pause(): void {
    if (this.#cancel === undefined) return;
    const leftMs = this.#endsAtMs - steadyNow(this.#options.clock);
    this.#remainingMs = Math.min(Math.max(0, leftMs), this.#options.timeoutMs);
    this.#stopTimer();
  }

  /** Lets the time that was left at the last `pause` pass. */
  resume(): void {
    this.#arm(this.#remainingMs);
  }

  /** Aborts before its time. */
  abort(reason: unknown): void {
    this.#stopTimer();
    this.#linked.abort(reason);
  }

  /** To be called when what it was for is over: it aborts no more. */
  end(): void {
    this.#stopTimer();
    this.#linked.unlink();
  }

  #arm(timeoutMs: number): void {
    this.#stopTimer();
    if (this.signal.aborted) return;
    const { clock, reason = () => timeIsOver } = this.#options;
    this.#endsAtMs = steadyNow(clock) + timeoutMs;
    this.#cancel = clock.after(timeoutMs, () => this.abort(reason()));
  }

  #stopTimer(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
