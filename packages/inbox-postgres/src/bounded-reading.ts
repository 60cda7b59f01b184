/** What was read, and whether it was read for this request. */
export interface Reading<Value> {
  readonly value: Value;
  readonly isFresh: boolean;
}

/** A reading that takes no longer than this is always taken anew. */
const quickMs = 50;
/** A slow one takes at most this share of the time, however often it is requested. */
const share = 0.05;

/**
 * A reading whose cost grows with what waits: probes and scrapes must not keep the server busy with counting a backlog. A slow one is kept
 * for 20 times as long as it took, and requests during it share it.
 */
export class BoundedReading<Value> {
  readonly #read: () => Promise<Value>;
  readonly #nowMs: () => number;
  #running: { readonly value: Promise<Value>; readonly startedMs: number } | undefined;
  #kept: { readonly value: Value; readonly untilMs: number } | undefined;

  constructor(read: () => Promise<Value>, nowMs: () => number = () => performance.now()) {
    this.#read = read;
    this.#nowMs = nowMs;
  }

  async get(): Promise<Reading<Value>> {
    const nowMs = this.#nowMs();
    if (this.#kept !== undefined && nowMs < this.#kept.untilMs) return { value: this.#kept.value, isFresh: false };
    // One that has just begun may miss what the caller knows of.
    if (this.#running !== undefined && nowMs - this.#running.startedMs > quickMs)
      return { value: await this.#running.value, isFresh: false };
    return { value: await this.#start(nowMs), isFresh: true };
  }

  #start(startedMs: number): Promise<Value> {
    const running = { value: this.#take(startedMs), startedMs };
    this.#running = running;
    const over = () => {
      if (this.#running === running) this.#running = undefined;
    };
    running.value.then(over, over);
    return running.value;
  }

  async #take(startedMs: number): Promise<Value> {
    const value = await this.#read();
    const endedMs = this.#nowMs();
    const tookMs = endedMs - startedMs;
    this.#kept = tookMs <= quickMs ? undefined : { value, untilMs: endedMs + tookMs / share };
    return value;
  }
}
