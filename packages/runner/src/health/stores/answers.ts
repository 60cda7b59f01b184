import type { Clock } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../../steady-now.ts";
import { saysNothingOfTheStore } from "./write-health.ts";

/** Since when a store has answered no request. A slow store answers now and then; a silent one never does. */
export class Answers {
  readonly #clock: Clock;
  #unansweredSinceMs: number | undefined;
  readonly #answered = () => this.answered();
  readonly #failed = (error: unknown) => this.failed(error);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Zero when it answered the last request. A failure is no answer, unless it is about the request. */
  get silentMs(): number {
    return this.#unansweredSinceMs === undefined ? 0 : steadyNow(this.#clock) - this.#unansweredSinceMs;
  }

  watch<Result>(call: Promise<Result>): Promise<Result> {
    this.requested();
    call.then(this.#answered, this.#failed);
    return call;
  }

  /** A request is made whose end is reported to `answered` or `failed`. */
  requested(): void {
    this.#unansweredSinceMs ??= steadyNow(this.#clock);
  }

  answered(): void {
    this.#unansweredSinceMs = undefined;
  }

  failed(error: unknown): void {
    if (saysNothingOfTheStore(error)) this.#unansweredSinceMs = undefined;
  }
}
