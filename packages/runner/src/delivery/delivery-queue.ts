import { type BatchGroup, freshGroup } from "./batch-group.ts";
import type { PendingRequest, QueuedEpisode } from "./delivery-request.ts";

export interface BatchLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** The brackets around the items of a batch, with room to spare. */
const envelopeBytes = 64;

/**
 * What waits for the sink: episodes not tried yet, by source, and groups to be sent again. Fresh episodes are drawn in turn, one of each
 * source, so that a first sync of ten thousand does not hold up a webhook; within a source they keep their order.
 */
export class DeliveryQueue {
  readonly #limits: BatchLimits;
  readonly #isIsolated: (sourceKey: string) => boolean;
  readonly #bySource = new Map<string, SourceLine>();
  /** Sources with something to draw, in the order of their turns. */
  #turns: SourceLine[] = [];
  /** Sorted by `notBeforeMs`; equals in the order they came. */
  #retries: BatchGroup<QueuedEpisode>[] = [];
  #freshCount = 0;
  #retryCount = 0;

  /** @param isIsolated Whether a source is sent in batches of its own. */
  constructor(limits: BatchLimits, isIsolated: (sourceKey: string) => boolean) {
    this.#limits = limits;
    this.#isIsolated = isIsolated;
  }

  /** Episodes never tried. */
  get freshCount(): number {
    return this.#freshCount;
  }

  get retryCount(): number {
    return this.#retryCount;
  }

  add({ sourceKey, episodes }: PendingRequest): void {
    let line = this.#bySource.get(sourceKey);
    if (line === undefined) {
      line = new SourceLine(sourceKey);
      this.#bySource.set(sourceKey, line);
    }
    if (line.length === 0) this.#turns.push(line);
    line.push(episodes);
    this.#freshCount += episodes.length;
  }

  /** Puts a group back, behind those that may be sent at the same time or earlier. */
  addRetry(group: BatchGroup<QueuedEpisode>): void {
    let low = 0;
    let high = this.#retries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#retries[middle]!.notBeforeMs <= group.notBeforeMs) low = middle + 1;
      else high = middle;
    }
    this.#retries.splice(low, 0, group);
    this.#retryCount += group.items.length;
  }

  /** When the next group may be sent again, epoch milliseconds. */
  nextRetryAtMs(): number | undefined {
    return this.#retries[0]?.notBeforeMs;
  }

  takeRetry(nowMs: number): BatchGroup<QueuedEpisode> | undefined {
    const group = this.#retries[0];
    if (group === undefined || group.notBeforeMs > nowMs) return undefined;
    this.#retries.shift();
    this.#retryCount -= group.items.length;
    return group;
  }

  /** Draws a batch of fresh episodes, or undefined when there is none. */
  takeFresh(acceptedSoFar: number): BatchGroup<QueuedEpisode> | undefined {
    const first = this.#turns[0];
    if (first === undefined) return undefined;
    const batch = new BatchBuilder(this.#limits);
    if (this.#isIsolated(first.sourceKey)) this.#drawFrom(first, batch);
    else this.#drawInTurn(batch);
    this.#freshCount -= batch.items.length;
    return freshGroup(batch.items, acceptedSoFar);
  }

  #drawFrom(line: SourceLine, batch: BatchBuilder): void {
    this.#turns.shift();
    while (line.length > 0 && batch.add(line.first())) line.shift();
    if (line.length > 0) this.#turns.push(line);
  }

  #drawInTurn(batch: BatchBuilder): void {
    const isolated: SourceLine[] = [];
    for (let line = this.#turns.shift(); line !== undefined; line = this.#turns.shift()) {
      if (this.#isIsolated(line.sourceKey)) {
        isolated.push(line);
        continue;
      }
      if (!batch.add(line.first())) {
        this.#turns.unshift(line);
        break;
      }
      line.shift();
      if (line.length > 0) this.#turns.push(line);
    }
    this.#turns.unshift(...isolated);
  }

  /** The clock was set back by so much: the rest that groups have left stays the same. */
  moveBack(byMs: number): void {
    this.#retries = this.#retries.map((group) => Object.assign({}, group, { notBeforeMs: group.notBeforeMs - byMs }));
  }

  /** Forgets what belongs to requests without a waiting caller. */
  dropSettled(): void {
    for (const line of this.#turns) line.dropSettled();
    this.#turns = this.#turns.filter((line) => line.length > 0);
    this.#freshCount = this.#turns.reduce((count, line) => count + line.length, 0);
    this.#retries = this.#retries
      .map((group) => ({ ...group, items: group.items.filter(({ request }) => !request.settled) }))
      .filter((group) => group.items.length > 0);
    this.#retryCount = this.#retries.reduce((count, group) => count + group.items.length, 0);
  }
}

/** The fresh episodes of one source, first in, first out. */
class SourceLine {
  readonly sourceKey: string;
  #items: QueuedEpisode[] = [];
  #head = 0;

  constructor(sourceKey: string) {
    this.sourceKey = sourceKey;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(items: readonly QueuedEpisode[]): void {
    for (const item of items) this.#items.push(item);
  }

  first(): QueuedEpisode {
    return this.#items[this.#head]!;
  }

  shift(): void {
    this.#head += 1;
    // The drawn part is let go of when it outweighs the rest: cheap on average, and nothing drawn stays in memory for long.
    if (this.#head * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#head);
    this.#head = 0;
  }

  dropSettled(): void {
    this.#items = this.#items.slice(this.#head).filter(({ request }) => !request.settled);
    this.#head = 0;
  }
}

/** Collects items up to the limits. The first always fits: an item larger than a batch is the sink's to refuse. */
class BatchBuilder {
  readonly items: QueuedEpisode[] = [];
  readonly #limits: BatchLimits;
  #bytes = envelopeBytes;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  add(item: QueuedEpisode): boolean {
    if (this.items.length >= this.#limits.maxItems) return false;
    // An invalid one is never serialised: it might not even be possible.
    const bytes = item.invalid === undefined ? item.bytes + 1 : 0;
    if (this.items.length > 0 && this.#bytes + bytes > this.#limits.maxBytes) return false;
    this.items.push(item);
    this.#bytes += bytes;
    return true;
  }
}
