import type { Clock } from "@statewave-connectors/connector-sdk";
import { steadyNow } from "../steady-now.ts";

/** Logs the first of what is alike and counts the rest, until an interval is over: what fails under load must not write a line per request. */
export class ThrottledLog<Key> {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #logged = new Map<Key, { readonly untilMs: number; suppressed: number }>();

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  /** Calls `write` with how many were suppressed since the line before, or counts this one. */
  log(key: Key, write: (suppressed: number) => void): void {
    const nowMs = steadyNow(this.#clock);
    const last = this.#logged.get(key);
    if (last !== undefined && nowMs < last.untilMs) {
      last.suppressed += 1;
      return;
    }
    this.#logged.set(key, { untilMs: nowMs + this.#intervalMs, suppressed: 0 });
    write(last?.suppressed ?? 0);
  }
}
