/** A place in the order by update time: epoch seconds, then index. */
export interface TimelineKey {
  readonly seconds: number;
  readonly index: number;
}

/**
 * Any number of items in the order of their last update, held as a formula and a short list of exceptions: the items a repository begins
 * with are known by `initialSeconds(index)` (never falling), and only those that were touched, added or deleted since take memory.
 */
export class Timeline {
  readonly #initialSize: number;
  readonly #initialSeconds: (index: number) => number;
  #size: number;
  /** Changed or added items, in order. Deleted ones are only in `#changed`, as undefined. */
  #moved: TimelineKey[] = [];
  readonly #changed = new Map<number, number | undefined>();

  constructor(initialSize: number, initialSeconds: (index: number) => number) {
    this.#initialSize = initialSize;
    this.#size = initialSize;
    this.#initialSeconds = initialSeconds;
  }

  /** Items ever, deleted ones too: the next index. */
  get size(): number {
    return this.#size;
  }

  get liveCount(): number {
    return this.countFrom(-Infinity);
  }

  /** When the item was last updated; undefined when there is none. */
  updatedSeconds(index: number): number | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.#size) return undefined;
    return this.#changed.has(index) ? this.#changed.get(index) : this.#initialSeconds(index);
  }

  add(seconds: number): number {
    this.#size += 1;
    this.touch(this.#size - 1, seconds);
    return this.#size - 1;
  }

  touch(index: number, seconds: number): void {
    this.delete(index);
    this.#changed.set(index, seconds);
    this.#moved.splice(this.#movedFrom({ seconds, index }), 0, { seconds, index });
  }

  delete(index: number): void {
    this.#moved = this.#moved.filter((key) => key.index !== index);
    this.#changed.set(index, undefined);
  }

  /** Indexes from a place on (that place included), oldest update first. */
  *ascending(from: TimelineKey): Generator<number, void, undefined> {
    let initial = this.#initialFrom(from);
    let moved = this.#movedFrom(from);
    for (;;) {
      while (initial < this.#initialSize && this.#changed.has(initial)) initial += 1;
      const key = this.#moved[moved];
      const initialKey = initial < this.#initialSize ? { seconds: this.#initialSeconds(initial), index: initial } : undefined;
      if (key === undefined && initialKey === undefined) return;
      if (key === undefined || (initialKey !== undefined && compare(initialKey, key) < 0)) {
        yield initial;
        initial += 1;
      } else {
        yield key.index;
        moved += 1;
      }
    }
  }

  /** Indexes before a place (that place excluded), newest update first. */
  *descending(before: TimelineKey): Generator<number, void, undefined> {
    let initial = this.#initialFrom(before) - 1;
    let moved = this.#movedFrom(before) - 1;
    for (;;) {
      while (initial >= 0 && this.#changed.has(initial)) initial -= 1;
      const key = this.#moved[moved];
      const initialKey = initial >= 0 ? { seconds: this.#initialSeconds(initial), index: initial } : undefined;
      if (key === undefined && initialKey === undefined) return;
      if (key === undefined || (initialKey !== undefined && compare(initialKey, key) > 0)) {
        yield initial;
        initial -= 1;
      } else {
        yield key.index;
        moved -= 1;
      }
    }
  }

  /** Live indexes in the order of creation. */
  *created(direction: "asc" | "desc"): Generator<number, void, undefined> {
    for (let step = 0; step < this.#size; step += 1) {
      const index = direction === "asc" ? step : this.#size - 1 - step;
      if (this.updatedSeconds(index) !== undefined) yield index;
    }
  }

  /** How many were updated at or after `seconds`. */
  countFrom(seconds: number): number {
    const first = this.#initialFrom({ seconds, index: 0 });
    let count = this.#initialSize - first + (this.#moved.length - this.#movedFrom({ seconds, index: 0 }));
    for (const index of this.#changed.keys()) if (index >= first && index < this.#initialSize) count -= 1;
    return count;
  }

  #initialFrom(key: TimelineKey): number {
    return lowerBound(this.#initialSize, (index) => compare({ seconds: this.#initialSeconds(index), index }, key) < 0);
  }

  #movedFrom(key: TimelineKey): number {
    return lowerBound(this.#moved.length, (at) => compare(this.#moved[at]!, key) < 0);
  }
}

function compare(a: TimelineKey, b: TimelineKey): number {
  return a.seconds === b.seconds ? a.index - b.index : a.seconds - b.seconds;
}

/** The first position of `size` that is not before, by halving. */
function lowerBound(size: number, isBefore: (position: number) => boolean): number {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
