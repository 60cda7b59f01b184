/** Synchronised clocks differ by less. */
export const mostAheadMs = 10 * 60_000;

/** Sets times back that lie in the future, and counts them. */
export class TimeClamp {
  readonly #nowMs: number;
  readonly #aheadMs: number;
  #clamped = 0;

  /** Times later than `nowMs` + `aheadMs` become `nowMs`. */
  constructor(nowMs: number, aheadMs: number = mostAheadMs) {
    this.#nowMs = nowMs;
    this.#aheadMs = aheadMs;
  }

  /** How many times were set back. */
  get clamped(): number {
    return this.#clamped;
  }

  /** Epoch milliseconds. */
  ms(atMs: number): number;
  ms(atMs: number | undefined): number | undefined;
  ms(atMs: number | undefined): number | undefined {
    return atMs !== undefined && this.#isAhead(atMs) ? this.#nowMs : atMs;
  }

  /** ISO 8601, as text; set back to whole seconds. */
  instant(at: string): string;
  instant(at: string | undefined): string | undefined;
  instant(at: string | undefined): string | undefined {
    if (at === undefined || !this.#isAhead(Date.parse(at))) return at;
    return `${new Date(this.#nowMs).toISOString().slice(0, 19)}Z`;
  }

  #isAhead(atMs: number): boolean {
    const isAhead = atMs > this.#nowMs + this.#aheadMs;
    if (isAhead) this.#clamped += 1;
    return isAhead;
  }
}
