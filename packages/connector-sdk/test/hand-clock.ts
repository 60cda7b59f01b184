import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../src/index.ts";

/** A clock turned by hand: this package may not use the one of the testing package, which depends on it. */
export class HandClock implements Clock {
  nowMs = 1_000;
  readonly #timers = new Map<() => void, number>();

  /** Timers that are armed. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    this.#timers.set(callback, this.nowMs + delayMs);
    return () => this.#timers.delete(callback);
  }

  async advance(durationMs: number): Promise<void> {
    this.nowMs += durationMs;
    for (const [callback, dueMs] of this.#timers) {
      if (dueMs > this.nowMs || !this.#timers.delete(callback)) continue;
      callback();
    }
    await nextTurn();
  }
}
