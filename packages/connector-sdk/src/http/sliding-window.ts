/** When the last requests began: exact, so that no interval ever holds more of them than are allowed. */
export class SlidingWindow {
  #times: number[] = [];

  /** @param keep So many times are needed by the largest limit. */
  record(nowMs: number, keep: number): void {
    this.#times.push(nowMs);
    if (this.#times.length > 2 * keep) this.#times = this.#times.slice(-keep);
  }

  /** When the next request may begin, epoch milliseconds; not in the future when it may begin now. */
  readyMs({ requests, intervalMs }: { readonly requests: number; readonly intervalMs: number }, nowMs: number): number {
    // The clock was set back: what was recorded in its future began now at the latest.
    if ((this.#times.at(-1) ?? nowMs) > nowMs) this.#times = this.#times.map((timeMs) => Math.min(timeMs, nowMs));
    const oldest = this.#times.at(-requests);
    return oldest === undefined || this.#times.length < requests ? nowMs : oldest + intervalMs;
  }
}
