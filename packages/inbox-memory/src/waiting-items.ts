import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type ClaimBatch, type ClaimLimits, furthestRetryMs, type InboxItem } from "@statewave-connectors/connector-sdk/inbox";
import { copyItem } from "./copy-item.ts";

/** An accepted item that is not settled. */
export interface WaitingItem {
  readonly key: string;
  readonly item: InboxItem;
  readonly bytes: number;
  readonly acceptedAtMs: number;
  attempt: number;
  /** Undefined until the first retry. */
  notBeforeMs: number | undefined;
}

interface SourceQueue {
  readonly fresh: Map<string, WaitingItem>;
  /** Ordered by `notBeforeMs`. */
  readonly retried: WaitingItem[];
  claimed: number;
  /** Whose turn it is when both have something ready, so that neither waits for all of the other. */
  prefersRetried: boolean;
}

/** What waits and what is claimed. Sources take turns, item by item, beginning with the one after the last one served. */
export class WaitingItems {
  readonly #items = new Map<string, WaitingItem>();
  readonly #claimed = new Set<string>();
  readonly #queues = new Map<string, SourceQueue>();
  #bytes = 0;
  #claimedBytes = 0;

  get depth(): number {
    return this.#items.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get oldestAcceptedAtMs(): number | undefined {
    return this.#items.values().next().value?.acceptedAtMs;
  }

  add(item: WaitingItem): void {
    this.#items.set(item.key, item);
    this.#bytes += item.bytes;
    this.#queueOf(item).fresh.set(item.key, item);
  }

  /** All of them, the oldest first. */
  all(): Iterable<WaitingItem> {
    return this.#items.values();
  }

  /** How many items of each source there are. */
  countBySource(): readonly { readonly source: SourceKey; readonly count: number }[] {
    return [...this.#queues].flatMap(([name, { fresh, retried, claimed }]) => {
      const source = parseSourceKey(name);
      const count = fresh.size + retried.length + claimed;
      return source === undefined || count === 0 ? [] : [{ source, count }];
    });
  }

  get(key: string): WaitingItem | undefined {
    return this.#items.get(key);
  }

  /** The item, if it is claimed. */
  claimed(key: string): WaitingItem | undefined {
    return this.#claimed.has(key) ? this.#items.get(key) : undefined;
  }

  /** Ends a claim; the item waits again, at once or from `notBeforeMs` on. */
  putBack(item: WaitingItem): void {
    this.#endClaim(item);
    const { fresh, retried } = this.#queueOf(item);
    const { notBeforeMs } = item;
    if (notBeforeMs === undefined) fresh.set(item.key, item);
    else
      retried.splice(
        firstIndex(retried, (other) => (other.notBeforeMs ?? 0) > notBeforeMs),
        0,
        item,
      );
  }

  /** Ends a claim and forgets the item. */
  remove(item: WaitingItem): void {
    this.#endClaim(item);
    this.#items.delete(item.key);
    this.#bytes -= item.bytes;
  }

  /** Forgets an item unless it is claimed; answers whether it did. */
  discard(key: string): boolean {
    const item = this.#items.get(key);
    if (item === undefined || this.#claimed.has(key)) return false;
    const { fresh, retried } = this.#queueOf(item);
    if (!fresh.delete(key)) retried.splice(retried.indexOf(item), 1);
    this.remove(item);
    return true;
  }

  claim(limits: ClaimLimits, nowMs: number): ClaimBatch {
    const taken: WaitingItem[] = [];
    // A source that is served moves to the end of the map, and so this very loop comes to it again.
    for (const [name, queue] of this.#queues) {
      const next = queue.claimed < limits.maxItemsPerSource ? peek(queue, nowMs) : undefined;
      if (next === undefined) continue;
      // The one that does not fit keeps its turn, so that smaller ones do not overtake it for ever.
      if (this.#claimedBytes > 0 && this.#claimedBytes + next.bytes > limits.maxBytes) break;
      this.#take(queue, next);
      this.#moveToEnd(name, queue);
      taken.push(next);
    }
    return this.#batch(taken, nowMs);
  }

  #take(queue: SourceQueue, item: WaitingItem): void {
    if (item.notBeforeMs === undefined) queue.fresh.delete(item.key);
    else queue.retried.splice(queue.retried.indexOf(item), 1);
    queue.claimed += 1;
    queue.prefersRetried = item.notBeforeMs === undefined;
    this.#claimed.add(item.key);
    this.#claimedBytes += item.bytes;
  }

  #endClaim(item: WaitingItem): void {
    if (!this.#claimed.delete(item.key)) return;
    this.#claimedBytes -= item.bytes;
    this.#queueOf(item).claimed -= 1;
  }

  #batch(taken: readonly WaitingItem[], nowMs: number): ClaimBatch {
    const claims = taken.map(({ key, item, attempt }) => ({ key, attempt, item: copyItem(item) }));
    const times = [...this.#queues.values()].map(({ retried }) => {
      return retried[firstIndex(retried, ({ notBeforeMs = 0 }) => notBeforeMs > nowMs)]?.notBeforeMs ?? Infinity;
    });
    const nextReadyAtMs = Math.min(...times);
    return { claims, more: false, ...(nextReadyAtMs === Infinity ? {} : { nextReadyAtMs }) };
  }

  #queueOf({ item }: WaitingItem): SourceQueue {
    const name = formatSourceKey(item.source);
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue: SourceQueue = { fresh: new Map(), retried: [], claimed: 0, prefersRetried: true };
    this.#queues.set(name, queue);
    return queue;
  }

  /** The map's order is the order of turns. */
  #moveToEnd(name: string, queue: SourceQueue): void {
    this.#queues.delete(name);
    this.#queues.set(name, queue);
  }
}

function peek({ fresh, retried, prefersRetried }: SourceQueue, nowMs: number): WaitingItem | undefined {
  const due = [retried[0], retried.at(-1)].find((item) => item !== undefined && isDue(item.notBeforeMs ?? 0, nowMs));
  const next = fresh.values().next().value;
  return prefersRetried ? (due ?? next) : (next ?? due);
}

function isDue(notBeforeMs: number, nowMs: number): boolean {
  return notBeforeMs <= nowMs || notBeforeMs > nowMs + furthestRetryMs;
}

/** The first index at which `holds` is true in an array where it is false up to a point and true behind it. */
function firstIndex<Item extends object>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    if (item === undefined || holds(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
