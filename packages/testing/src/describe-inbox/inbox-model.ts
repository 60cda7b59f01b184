/** What the model knows of an item: enough to foretell what the inbox does with it. */
export interface ModelItem {
  readonly text: string;
  readonly source: string;
  attempt: number;
  readyAtMs: number;
  claimed: boolean;
}

/** The inbox contract in its plainest form: lists and maps, one step at a time. Items are known by their text, which is unique. */
export class InboxModel {
  readonly items = new Map<string, ModelItem>();
  readonly letters: ModelItem[] = [];
  readonly #seen = new Map<string, number>();
  readonly #windowMs: number;
  readonly #maxDepth: number;

  constructor(windowMs: number, maxDepth: number) {
    this.#windowMs = windowMs;
    this.#maxDepth = maxDepth;
  }

  accept(source: string, id: string | undefined, text: string, nowMs: number): "fresh" | "duplicate" | "full" {
    const seenAtMs = id === undefined ? undefined : this.#seen.get(`${source} ${id}`);
    if (seenAtMs !== undefined && nowMs - seenAtMs < this.#windowMs) return "duplicate";
    if (this.items.size >= this.#maxDepth) return "full";
    if (id !== undefined) this.#seen.set(`${source} ${id}`, nowMs);
    this.items.set(text, { text, source, attempt: 0, readyAtMs: nowMs, claimed: false });
    return "fresh";
  }

  /** How many items a consumer holds once it has come to rest. */
  claimable(maxItemsPerSource: number, nowMs: number): number {
    const perSource = Map.groupBy(
      [...this.items.values()].filter(({ claimed, readyAtMs }) => claimed || readyAtMs <= nowMs),
      ({ source }) => source,
    );
    return [...perSource.values()].reduce((sum, items) => sum + Math.min(items.length, maxItemsPerSource), 0);
  }

  bury(item: ModelItem): void {
    this.items.delete(item.text);
    this.letters.push({ ...item, claimed: false });
  }

  retryLetter(index: number, nowMs: number): void {
    const [letter] = this.letters.splice(index, 1);
    if (letter !== undefined) this.items.set(letter.text, { ...letter, attempt: 0, readyAtMs: nowMs });
  }

  /** Every claim comes back as it was. */
  giveBack(): void {
    for (const item of this.items.values()) item.claimed = false;
  }
}
