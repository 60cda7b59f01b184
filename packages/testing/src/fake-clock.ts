import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "@statewave-connectors/connector-sdk";

interface Timer {
  /** On the clock's own count of elapsed time, which `set` does not touch. */
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that moves only when a test moves it: nothing waits, and everything happens in the order of its times. */
export class FakeClock implements Clock {
  #nowMs: number;
  #elapsedMs = 0;
  readonly #timers = new Set<Timer>();

  /** @param startMs Epoch milliseconds; default 2026-01-01T00:00:00Z. */
  constructor(startMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  elapsed(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /**
   * Lets `durationMs` pass: fires every timer that falls due, also those set meanwhile, each at its own time and in order, and after each
   * lets promises settle. Promises that wait for the outside world (files, sockets) are not waited for.
   */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#elapsedMs + durationMs;
    await nextTurn();
    for (let timer = this.#nextUntil(endMs); timer !== undefined; timer = this.#nextUntil(endMs)) {
      this.#timers.delete(timer);
      this.#elapseUntil(timer.dueMs);
      timer.callback();
      await nextTurn();
    }
    this.#elapseUntil(endMs);
  }

  /** Steps the time of day, forwards or backwards, as a correction by NTP does: timers keep the delay they have left. */
  set(epochMs: number): void {
    this.#nowMs = epochMs;
  }

  /** The earliest timer due by then; of equals the one set first. */
  #nextUntil(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }

  #elapseUntil(elapsedMs: number): void {
    this.#nowMs += Math.max(0, elapsedMs - this.#elapsedMs);
    this.#elapsedMs = Math.max(this.#elapsedMs, elapsedMs);
  }
}
