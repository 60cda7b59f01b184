/** Runs work in the order in which it comes, one piece at a time: a state in files can be opened only once. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  run<Value>(work: () => Promise<Value>): Promise<Value> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when all work has ended. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
