interface Entry {
  /** When the request began, epoch milliseconds. */
  readonly atMs: number;
  readonly cost: number;
  /** The cost of all requests up to this one. */
  readonly total: number;
}

/** When the last requests began and what they cost: exact, so that no interval ever holds more than is allowed. */
export class SlidingWindow {
  #entries: Entry[] = [];

  /** @param keep The most requests that an interval of the largest limit holds. */
  record(nowMs: number, keep: number, cost = 1): void {
    this.#entries.push({ atMs: nowMs, cost, total: this.#total + cost });
    if (this.#entries.length > 2 * keep) this.#entries = this.#entries.slice(-keep);
  }

  /** When a request of this cost may begin, epoch milliseconds; not in the future when it may begin now. */
  readyMs({ requests, intervalMs }: { readonly requests: number; readonly intervalMs: number }, nowMs: number, cost = 1): number {
    // The clock was set back: what was recorded in its future began now at the latest.
    if ((this.#entries.at(-1)?.atMs ?? nowMs) > nowMs) {
      this.#entries = this.#entries.map((entry) => ({ ...entry, atMs: Math.min(entry.atMs, nowMs) }));
    }
    const [first] = this.#entries;
    // A request that costs more than the limit waits until the interval is empty.
    const mustLeaveUpTo = this.#total - Math.max(0, requests - cost);
    if (first === undefined || mustLeaveUpTo <= first.total - first.cost) return nowMs;
    return (firstReaching(this.#entries, mustLeaveUpTo)?.atMs ?? nowMs) + intervalMs;
  }

  get #total(): number {
    return this.#entries.at(-1)?.total ?? 0;
  }
}

/** The first entry whose total is not below `total`, by halves: limits of thousands of requests are usual. */
function firstReaching(entries: readonly Entry[], total: number): Entry | undefined {
  let [from, to] = [0, entries.length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if ((entries[middle]?.total ?? total) >= total) to = middle;
    else from = middle + 1;
  }
  return entries[from];
}
