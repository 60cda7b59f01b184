interface CachedValue<Value> {
  readonly value: Value;
  readonly expiresAtMs: number;
}

/** A map that forgets: each value after its time, and the one stored longest ago when it is full. */
export class ExpiringCache<Value> {
  readonly #maxEntries: number;
  readonly #entries = new Map<string, CachedValue<Value>>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get(key: string, nowMs: number): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs > nowMs) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, value: Value, expiresAtMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAtMs });
    if (this.#entries.size <= this.#maxEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
