interface Waiting<Item, Result> {
  readonly item: Item;
  readonly bytes: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface BatchLaneOptions<Item, Result> {
  /** Does a batch; answers in its order, an error for an item that failed alone. When it throws, all of them failed. */
  readonly run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
  readonly maxItems: number;
  /** Of a batch, beyond its first item. */
  readonly maxBytes?: number;
}

/**
 * Natural group commit: one batch is under way at a time, and requests made meanwhile leave together when it is done. There is no timer.
 */
export class BatchLane<Item, Result> {
  readonly #options: BatchLaneOptions<Item, Result>;
  #queue: Waiting<Item, Result>[] = [];
  #running: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: BatchLaneOptions<Item, Result>) {
    this.#options = options;
  }

  submit(item: Item, bytes = 0): Promise<Result> {
    const result = new Promise<Result>((resolve, reject) => {
      this.#queue.push({ item, bytes, resolve, reject });
      this.#running ??= this.#drain();
    });
    // Items are done in their order: with the last one, all are.
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when what was submitted so far is done. */
  async flushed(): Promise<void> {
    await this.#last;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #drain(): Promise<void> {
    // At the end of the loop's turn, so that every request of the turn is sent with it.
    await new Promise((resolve) => void setImmediate(resolve));
    while (this.#queue.length > 0) await this.#runBatch(this.#take());
    this.#running = undefined;
  }

  async #runBatch(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#options.run(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index]!;
        if (result instanceof Error) reject(result);
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
      // What waited behind it would wait for the same failure: an unreachable server costs each caller one time-out, not many.
      for (const { reject } of this.#queue.splice(0)) reject(error);
    }
  }

  #take(): readonly Waiting<Item, Result>[] {
    const { maxItems, maxBytes = Infinity } = this.#options;
    let count = 0;
    let total = 0;
    for (const { bytes } of this.#queue) {
      total += bytes;
      if (count === maxItems || (count > 0 && total > maxBytes)) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }
}
