/** Sizes of a page, largest first. */
export type Sizes = readonly number[];

/** The largest size that most providers accept, down to a single item. */
const defaultSizes: Sizes = [100, 30, 10, 1];

/** The most items, in multiples of the size that failed, until it is tried again. */
const longestPatience = 64;

interface Level {
  readonly size: number;
  /** How many items to read before this size is tried again; 0: it may be requested. */
  rest: number;
  /** `rest` after the next failure, in multiples of the size. */
  patience: number;
}

/**
 * Decides which size of page to request next. After a page failed, the items within it are read in smaller pages, and then the size is
 * tried again: it failed because of one item, or because the provider is slow now. Each failure in a row doubles the number of items
 * until the next attempt.
 */
export class PageSizes {
  readonly #levels: readonly Level[];

  constructor(sizes: Sizes = defaultSizes) {
    if (sizes.length === 0 || sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
      throw new RangeError("sizes of pages are whole numbers from 1 on");
    this.#levels = [...new Set(sizes)].toSorted((a, b) => b - a).map((size) => ({ size, rest: 0, patience: 1 }));
  }

  /** The largest size that may be requested and, where pages are numbered, begins at `offset`. */
  at(offset = 0): number {
    const lowest = this.#levels.findLastIndex(({ rest }) => rest > 0);
    const open = this.#levels.slice(lowest + 1);
    const [first = this.#smallest] = open;
    return (open.find(({ size }) => offset % size === 0) ?? open.at(-1) ?? first).size;
  }

  get largest(): number {
    return (this.#levels[0] ?? this.#smallest).size;
  }

  /** To be called after a page of `size` failed. Returns false if there is no smaller size. */
  tooLarge(size: number): boolean {
    const index = this.#levels.findIndex((level) => level.size === size);
    const level = this.#levels[index];
    if (level === undefined || index === this.#levels.length - 1) return false;
    level.rest = level.size * level.patience;
    level.patience = Math.min(level.patience * 2, longestPatience);
    return true;
  }

  /** To be called after items were read or passed over. */
  advance(count: number): void {
    for (const level of this.#levels) {
      if (level.rest === 0) continue;
      level.rest = Math.max(0, level.rest - count);
    }
  }

  /** To be called after a page of `size` was answered. */
  answered(size: number): void {
    const level = this.#levels.find((known) => known.size === size);
    if (level !== undefined) level.patience = 1;
  }

  get #smallest(): Level {
    return this.#levels.at(-1) ?? { size: 1, rest: 0, patience: 1 };
  }
}
