import { setImmediate as nextTurn } from "node:timers/promises";

interface VirtualEvent {
  readonly atMs: number;
  /** Decides between events of the same time. */
  readonly order: number;
  readonly run: () => void;
}

/** Turns of the event loop after each event: what it set off among promises has settled by then. */
const turnsPerEvent = 4;

/** Time that passes from event to event. Events of the same time come in an order that chance decides. */
export class VirtualTime {
  nowMs = Date.UTC(2026, 0, 1);
  /** Changes with every event: two simulations with the same sequence have the same value. */
  fingerprint = 0;
  events = 0;
  readonly #random: () => number;
  readonly #heap: VirtualEvent[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Calls `run` after `delayMs`; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void {
    let isCancelled = false;
    const atMs = this.nowMs + Math.max(0, delayMs);
    this.#push({ atMs, order: this.#random(), run: () => isCancelled || run() });
    return () => (isCancelled = true);
  }

  /** Lets everything happen until `endMs`, or until `isOver`. */
  async passUntil(endMs: number, isOver: () => boolean): Promise<void> {
    await nextTurn();
    for (let event = this.#heap[0]; event !== undefined && event.atMs <= endMs && !isOver(); event = this.#heap[0]) {
      this.#pop();
      this.nowMs = event.atMs;
      this.events += 1;
      this.fingerprint = (Math.imul(this.fingerprint, 31) + (event.atMs % 1_000_000_007) + this.events) | 0;
      event.run();
      for (let turn = 0; turn < turnsPerEvent; turn += 1) await nextTurn();
    }
    this.nowMs = Math.max(this.nowMs, endMs);
  }

  #push(event: VirtualEvent): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const [a, b] = [heap[left], heap[left + 1]];
      const child = a !== undefined && b !== undefined && isBefore(b, a) ? left + 1 : left;
      const below = heap[child];
      if (below === undefined || isBefore(last, below)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: VirtualEvent, other: VirtualEvent): boolean {
  return one.atMs === other.atMs ? one.order <= other.order : one.atMs < other.atMs;
}
