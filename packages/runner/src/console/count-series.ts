/** Counts by time, of the latest so many buckets. The clock may step: what is counted in the past belongs to the bucket under way. */
export class CountSeries {
  readonly #bucketMs: number;
  readonly #counts: Float64Array;
  /** The number of the bucket under way, since 1970. */
  #latest = 0;

  constructor({ bucketMs, buckets }: { readonly bucketMs: number; readonly buckets: number }) {
    this.#bucketMs = bucketMs;
    this.#counts = new Float64Array(buckets);
  }

  add(count: number, nowMs: number): void {
    this.#moveTo(nowMs);
    const at = this.#latest % this.#counts.length;
    this.#counts[at] = (this.#counts[at] ?? 0) + count;
  }

  /** The oldest first. */
  read(nowMs: number): readonly number[] {
    this.#moveTo(nowMs);
    const { length } = this.#counts;
    return Array.from({ length }, (_, index) => this.#counts[(this.#latest + 1 + index) % length] ?? 0);
  }

  #moveTo(nowMs: number): void {
    const bucket = Math.max(0, Math.floor(nowMs / this.#bucketMs));
    const { length } = this.#counts;
    if (bucket <= this.#latest) return;
    for (let next = Math.max(this.#latest + 1, bucket - length + 1); next <= bucket; next += 1) this.#counts[next % length] = 0;
    this.#latest = bucket;
  }
}
