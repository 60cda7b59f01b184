/** What was promised and what is stored; each violation is a sentence. */
export class Ledger {
  readonly violations: string[] = [];
  /** Keys of the episodes that the sink holds. */
  readonly stored = new Set<string>();
  /** Keys of webhooks that were answered with 2xx. */
  readonly acknowledged = new Set<string>();
  readonly #cursors = new Map<string, number>();
  readonly #finishedDues = new Map<string, number>();
  readonly #epochs = new Map<string, { readonly epoch: number; readonly sinceMs: number }>();
  readonly #finishedAtMs = new Map<string, number>();
  counts = { granted: 0, checkpoints: 0, refused: 0, finished: 0 };

  #broken(sentence: string): void {
    this.violations.push(sentence);
  }

  granted(source: string, epoch: number, nowMs: number): void {
    this.counts.granted += 1;
    if (epoch <= (this.#epochs.get(source)?.epoch ?? 0)) this.#broken(`${source}: the epoch ${epoch} was granted twice`);
    this.#epochs.set(source, { epoch, sinceMs: nowMs });
  }

  /** A process reads a page under a lease. Only one that was stopped since cannot know of its successor. */
  read(source: string, epoch: number, nowMs: number, resumedAtMs: number): void {
    const current = this.#epochs.get(source);
    if (current === undefined || epoch >= current.epoch || resumedAtMs >= current.sinceMs) return;
    this.#broken(
      `${source}: read under epoch ${epoch}, ${Math.round(nowMs - current.sinceMs)} ms after ${current.epoch} was granted`,
    );
  }

  checkpointed(source: string, epoch: number, cursor: number, isStored: boolean): void {
    if (!isStored) {
      this.counts.refused += 1;
      return;
    }
    this.counts.checkpoints += 1;
    const current = this.#epochs.get(source)?.epoch ?? 0;
    if (epoch < current) this.#broken(`${source}: epoch ${epoch} moved the cursor after ${current} was granted`);
    const before = this.#cursors.get(source) ?? 0;
    if (cursor < before) this.#broken(`${source}: the cursor went back from ${before} to ${cursor}`);
    for (let page = before + 1; page <= cursor; page += 1)
      if (!this.stored.has(pageKey(source, page))) this.#broken(`${source}: the cursor passed page ${page}, which is not stored`);
    this.#cursors.set(source, cursor);
  }

  released(source: string, dueMs: number | undefined, isDone: boolean, nowMs: number): void {
    if (!isDone) return;
    this.counts.finished += 1;
    this.#finishedAtMs.set(source, nowMs);
    if (dueMs === undefined) return;
    const before = this.#finishedDues.get(source) ?? Number.NEGATIVE_INFINITY;
    if (dueMs <= before) this.#broken(`${source}: the due ${dueMs} was finished after ${before}`);
    this.#finishedDues.set(source, dueMs);
  }

  settledDone(key: string): void {
    if (!this.stored.has(key)) this.#broken(`the webhook ${key} was settled before it was stored`);
  }

  buried(what: string): void {
    this.#broken(`${what} became a dead letter`);
  }

  /** Once the faults have ended long ago. */
  ended(sources: readonly string[], sinceMs: number, waiting: number): void {
    for (const key of this.acknowledged)
      if (!this.stored.has(key)) this.#broken(`the webhook ${key} was acknowledged and is not stored`);
    for (const source of sources) {
      const finishedAtMs = this.#finishedAtMs.get(source) ?? 0;
      if (finishedAtMs < sinceMs) this.#broken(`${source}: no due was finished after the faults had ended`);
    }
    if (waiting > 0) this.#broken(`${waiting} events wait in the inboxes in the end`);
  }
}

export const pageKey = (source: string, page: number) => `${source} page ${page}`;
