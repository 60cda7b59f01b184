/** A change that waits for a write. */
export interface GatheredChange<Table> {
  /** Decides on the table; the returned function reports the outcome to the caller. */
  readonly decide: (table: Table) => () => void;
  readonly reject: (error: unknown) => void;
}

/** Gathers changes while a write is in progress, so that the next write carries all of them. */
export class GatheredChanges<Table> {
  readonly #commit: (changes: readonly GatheredChange<Table>[]) => Promise<void>;
  #waiting: GatheredChange<Table>[] = [];
  #committing: Promise<void> | undefined;

  /** `commit` writes the changes and reports each outcome. It never rejects. */
  constructor(commit: (changes: readonly GatheredChange<Table>[]) => Promise<void>) {
    this.#commit = commit;
  }

  /** Resolves with what `decide` returned once it is reported, and rejects with what it threw. */
  add<Result>(decide: (table: Table) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        decide: (table) => {
          try {
            const result = decide(table);
            return () => resolve(result);
          } catch (error) {
            // One caller's mistake must not fail the changes of others.
            return () => reject(error);
          }
        },
        reject,
      });
      this.#committing ??= this.#commitAll();
    });
  }

  /** Resolves when no write is in progress. */
  async settle(): Promise<void> {
    await this.#committing;
  }

  async #commitAll(): Promise<void> {
    // Changes of one turn share a write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const changes = this.#waiting;
      this.#waiting = [];
      await this.#commit(changes);
    }
    this.#committing = undefined;
  }
}
