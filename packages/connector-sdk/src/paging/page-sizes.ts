/** Sizes of a page, largest first. */
export type Sizes = readonly number[];

/** What most providers take, down to the one item that breaks its page. */
const defaultSizes: Sizes = [100, 30, 10, 1];

/** So many times the size of a page that was too large, smaller ones are requested at most. */
const longestPatience = 64;

interface Level {
  readonly size: number;
  /** Items still to be read before this size is tried again; 0: it may be requested. */
  rest: number;
  /** How many times its size `rest` was when it failed last. */
  patience: number;
}

/**
 * Which size of page to request next. Where a size fails, what lies within it is read in smaller pages, and then the size is tried again:
 * it failed because of one item, or because the provider is slow now. Where it fails time after time, it
 * is tried again later each time.
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

  /** The page of `size` was too much. False: there is no smaller size. */
  tooLarge(size: number): boolean {
    const index = this.#levels.findIndex((level) => level.size === size);
    const level = this.#levels[index];
    if (level === undefined || index === this.#levels.length - 1) return false;
    level.rest = level.size * level.patience;
    level.patience = Math.min(level.patience * 2, longestPatience);
    return true;
  }

  /** So many items were read, or passed over. */
  advance(count: number): void {
    for (const level of this.#levels) {
      if (level.rest === 0) continue;
      level.rest = Math.max(0, level.rest - count);
    }
  }

  /** The page of `size` was answered: that size is well again. */
  answered(size: number): void {
    const level = this.#levels.find((known) => known.size === size);
    if (level !== undefined) level.patience = 1;
  }

  get #smallest(): Level {
    return this.#levels.at(-1) ?? { size: 1, rest: 0, patience: 1 };
  }
}
