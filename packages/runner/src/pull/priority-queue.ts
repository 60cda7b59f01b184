/**
 * Items in the order of a number, the lowest first, such as the moment at which something is to be done. An item is in the queue once;
 * putting it in again moves it. A change costs the logarithm of the size: ten thousand sources can change theirs hundreds of times a second.
 */
export class PriorityQueue<Item> {
  /** A binary heap: no node precedes the one at half its index. */
  readonly #heap: Node<Item>[] = [];
  readonly #nodes = new Map<Item, Node<Item>>();

  get size(): number {
    return this.#heap.length;
  }

  /** The number of the first item; infinite when there is none. */
  get firstPriority(): number {
    return this.#heap[0]?.priority ?? Number.POSITIVE_INFINITY;
  }

  /** Puts the item at `priority`, wherever it was before. */
  put(item: Item, priority: number): void {
    const known = this.#nodes.get(item);
    const node = known ?? { item, priority, index: this.#heap.length };
    node.priority = priority;
    if (known === undefined) {
      this.#nodes.set(item, node);
      this.#heap.push(node);
    }
    this.#restore(node);
  }

  remove(item: Item): void {
    const node = this.#nodes.get(item);
    if (node === undefined) return;
    this.#nodes.delete(item);
    const last = this.#heap.pop();
    if (last === undefined || last === node) return;
    this.#place(last, node.index);
    this.#restore(last);
  }

  /** Takes the first item out. */
  takeFirst(): Prioritised<Item> | undefined {
    const [first] = this.#heap;
    if (first === undefined) return undefined;
    const { item, priority } = first;
    this.remove(item);
    return { item, priority };
  }

  #place(node: Node<Item>, index: number): void {
    this.#heap[index] = node;
    node.index = index;
  }

  /** Moves the node to where it belongs; all others are in order. */
  #restore(node: Node<Item>): void {
    for (let above = this.#above(node); above !== undefined && node.priority < above.priority; above = this.#above(node))
      this.#swap(node, above);
    for (let below = this.#below(node); below !== undefined && below.priority < node.priority; below = this.#below(node))
      this.#swap(node, below);
  }

  #swap(left: Node<Item>, right: Node<Item>): void {
    const { index } = left;
    this.#place(left, right.index);
    this.#place(right, index);
  }

  #above({ index }: Node<Item>): Node<Item> | undefined {
    return index === 0 ? undefined : this.#heap[(index - 1) >> 1];
  }

  /** The earlier of the two. */
  #below({ index }: Node<Item>): Node<Item> | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left !== undefined && right !== undefined && right.priority < left.priority ? right : left;
  }
}

/** An item with its priority. */
export interface Prioritised<Item> {
  readonly item: Item;
  readonly priority: number;
}

interface Node<Item> {
  readonly item: Item;
  priority: number;
  index: number;
}
