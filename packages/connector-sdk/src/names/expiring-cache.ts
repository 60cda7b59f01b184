interface CachedValue<Value> {
  readonly value: Value;
  /** Whole seconds: V8 keeps them in the object itself, and milliseconds outside of it. */
  readonly expiresAtSeconds: number;
}

/** A map that forgets: each value after its time, to the second, and the one stored longest ago when it is full. */
export class ExpiringCache<Value> {
  readonly #maxEntries: number;
  readonly #entries = new Map<string, CachedValue<Value>>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** Undefined: there is none, or it is undefined. */
  get(key: string, nowMs: number): Value | undefined {
    return this.#entry(key, nowMs)?.value;
  }

  has(key: string, nowMs: number): boolean {
    return this.#entry(key, nowMs) !== undefined;
  }

  set(key: string, value: Value, expiresAtMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAtSeconds: Math.ceil(expiresAtMs / 1_000) });
    if (this.#entries.size <= this.#maxEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  #entry(key: string, nowMs: number): CachedValue<Value> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAtSeconds * 1_000 > nowMs) return entry;
    this.#entries.delete(key);
    return undefined;
  }
}
