/**
 * Items in the order of a number, such as the moment at which something is to be done. An item is in it once; putting it in again moves
 * it. The first one is known at once; every change costs the logarithm of how many there are, so that ten thousand sources can change
 * theirs hundreds of times a second.
 */
export class PriorityQueue<Item> {
  /** A binary heap: no entry comes before the one at half its index. */
  readonly #heap: Entry<Item>[] = [];
  readonly #indexes = new Map<Item, number>();

  get size(): number {
    return this.#heap.length;
  }

  /** The number of the first item; infinite when there is none. */
  get firstAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Puts the item at `at`, wherever it was before. */
  put(item: Item, at: number): void {
    const index = this.#indexes.get(item) ?? this.#heap.length;
    this.#place({ item, at }, index);
    this.#restore(index);
  }

  remove(item: Item): void {
    const index = this.#indexes.get(item);
    if (index === undefined) return;
    this.#indexes.delete(item);
    const last = this.#heap.pop()!;
    if (last.item === item) return;
    this.#place(last, index);
    this.#restore(index);
  }

  /** Takes the first item out. */
  takeFirst(): Entry<Item> | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.remove(first.item);
    return first;
  }

  #place(entry: Entry<Item>, index: number): void {
    this.#heap[index] = entry;
    this.#indexes.set(entry.item, index);
  }

  /** Moves the entry at `index` to where it belongs; all others are in order. */
  #restore(index: number): void {
    const entry = this.#heap[index]!;
    let at = index;
    while (at > 0 && entry.at < this.#heap[parentOf(at)]!.at) {
      this.#place(this.#heap[parentOf(at)]!, at);
      at = parentOf(at);
    }
    for (let child = this.#earlierChild(at); child !== undefined; child = this.#earlierChild(at)) {
      if (this.#heap[child]!.at >= entry.at) break;
      this.#place(this.#heap[child]!, at);
      at = child;
    }
    this.#place(entry, at);
  }

  #earlierChild(index: number): number | undefined {
    const left = 2 * index + 1;
    if (left >= this.#heap.length) return undefined;
    const right = left + 1;
    return right < this.#heap.length && this.#heap[right]!.at < this.#heap[left]!.at ? right : left;
  }
}

export interface Entry<Item> {
  readonly item: Item;
  readonly at: number;
}

function parentOf(index: number): number {
  return (index - 1) >> 1;
}
