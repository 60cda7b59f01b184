/** After a refused item its source is sent in its own batches until so many in a row were accepted. */
const cleanBatchesToTrust = 10;
/** So many refusals in a row say that the source as a whole does not fit, not its items. */
const refusalsToPause = 100;
const firstPauseMs = 15 * 60_000;
const longestPauseMs = 24 * 60 * 60_000;

/** Counts the refusals of one source: decides whether it is sent in batches of its own, and whether it pauses. */
export class SourceRefusals {
  #batchesToTrust = 0;
  #refusalsInARow = 0;
  #pauses = 0;
  #pausedUntilMs = 0;

  /** Whether it is sent in batches of its own, so that it narrows no other source's. */
  get isIsolated(): boolean {
    return this.#batchesToTrust > 0;
  }

  /** When it may be delivered again, or undefined when it may now. */
  pausedUntilMs(nowMs: number): number | undefined {
    return this.#pausedUntilMs > nowMs ? this.#pausedUntilMs : undefined;
  }

  /** The clock was set back by so much. */
  moveBack(byMs: number): void {
    this.#pausedUntilMs -= byMs;
  }

  /** A batch with items of it was accepted. */
  batchAccepted(): void {
    this.#refusalsInARow = 0;
    this.#pauses = 0;
    if (this.#batchesToTrust > 0) this.#batchesToTrust -= 1;
  }

  /** One of its items was named, or found, to be refused. */
  isolate(): void {
    this.#batchesToTrust = cleanBatchesToTrust;
  }

  /**
   * One of its items was refused alone. Returns whether the source pauses from now on: 15 minutes, doubling up to a day. Afterwards one
   * refusal more, with nothing accepted before it, pauses it again.
   */
  itemRefused(nowMs: number): boolean {
    this.isolate();
    this.#refusalsInARow += 1;
    if (this.#refusalsInARow < refusalsToPause) return false;
    this.#refusalsInARow = refusalsToPause - 1;
    this.#pausedUntilMs = nowMs + Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(this.#pauses, 10));
    this.#pauses += 1;
    return true;
  }
}
