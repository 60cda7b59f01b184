import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import {
  type Claim,
  ConsumerLoop,
  type ConsumeOptions,
  type DeadLetter,
  type ItemQuery,
  eventId,
  hasRoomFor,
  type InboxEngine,
  inboxFullError,
  type InboxHandler,
  type InboxItem,
  type InboxLimits,
  type InboxView,
  itemBody,
  type KeyPage,
  type QueuedItem,
  type Settlement,
  toKeyPage,
} from "@statewave-connectors/connector-sdk/inbox";
import { copyItem } from "./copy-item.ts";
import { MemoryDeadLetters } from "./memory-dead-letters.ts";
import { type WaitingItem, WaitingItems } from "./waiting-items.ts";

/** An id that was accepted further ahead is forgotten: the clock was ahead. */
const furthestAheadMs = 30 * 24 * 60 * 60_000;

export interface MemoryEngineOptions {
  readonly limits: InboxLimits;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Items, letters and seen ids in this process's memory. */
export class MemoryEngine implements InboxEngine {
  readonly durability = "held in memory, lost when this process ends";
  readonly view: InboxView = {
    list: async (query = {}) => this.#listQueued(query),
    get: async (key) => {
      const item = this.#waiting.get(key);
      return item && { ...this.#toQueued(item), item: copyItem(item.item) };
    },
    remembers: async (source, id) => {
      this.#forgetExpired(this.#clock.now());
      return this.#seen.has(`${formatSourceKey(source)} ${id}`);
    },
    countBySource: async () => this.#waiting.countBySource(),
  };
  readonly #limits: InboxLimits;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiting = new WaitingItems();
  readonly #letters = new MemoryDeadLetters();
  /** When each id was accepted; the oldest first. */
  readonly #seen = new Map<string, number>();
  #lastKey = 0;

  constructor({ limits, clock, logger }: MemoryEngineOptions) {
    this.#limits = limits;
    this.#clock = clock;
    this.#logger = logger;
  }

  async accept(item: InboxItem): Promise<"fresh" | "duplicate"> {
    const nowMs = this.#clock.now();
    this.#forgetExpired(nowMs);
    const itemId = eventId(item);
    const id = itemId === undefined ? undefined : `${formatSourceKey(item.source)} ${itemId}`;
    if (id !== undefined && this.#seen.has(id)) return "duplicate";
    if (!hasRoomFor(itemBody(item).byteLength, this.#waiting, this.#limits)) throw inboxFullError(this.#waiting, this.#limits);
    this.#enqueue(copyItem(item));
    if (id !== undefined) this.#seen.set(id, nowMs);
    return "fresh";
  }

  startConsumer(handler: InboxHandler, limits: ConsumeOptions): ConsumerLoop {
    return new ConsumerLoop({
      queue: {
        claim: async (claimLimits) => this.#waiting.claim(claimLimits, this.#clock.now()),
        settle: async (claim, settlement) => this.#settle(claim, settlement),
        release: async (claims) => this.#release(claims),
      },
      handler,
      limits,
      clock: this.#clock,
      logger: this.#logger,
    });
  }

  async bury(item: InboxItem, reason: string): Promise<void> {
    this.#letters.bury(copyItem(item), reason, this.#clock.now());
  }

  async listLetters(page: KeyPage): Promise<readonly DeadLetter[]> {
    return this.#letters.list(page);
  }

  async getDeadLetter(key: string): Promise<DeadLetter | undefined> {
    return this.#letters.get(key);
  }

  async retryLetters(keys: readonly string[]): Promise<number> {
    const items = this.#letters.remove(keys);
    for (const item of items) this.#enqueue(item);
    return items.length;
  }

  async discardLetters(keys: readonly string[]): Promise<number> {
    return this.#letters.remove(keys).length;
  }

  async discardQueued(keys: readonly string[]): Promise<number> {
    return keys.filter((key) => this.#waiting.discard(key)).length;
  }

  async stats() {
    const { depth, bytes, oldestAcceptedAtMs } = this.#waiting;
    return { depth, bytes, oldestAcceptedAtMs, deadLetters: this.#letters.counts() };
  }

  async close(): Promise<void> {}

  #listQueued(query: ItemQuery): readonly QueuedItem[] {
    const { source, after, limit } = toKeyPage(query);
    const wanted = source && formatSourceKey(source);
    const queued: QueuedItem[] = [];
    for (const item of this.#waiting.all()) {
      if (queued.length === limit) break;
      const isWanted = wanted === undefined || formatSourceKey(item.item.source) === wanted;
      if (isWanted && Number(item.key) > after) queued.push(this.#toQueued(item));
    }
    return queued;
  }

  #toQueued({ key, item, acceptedAtMs, attempt, notBeforeMs }: WaitingItem): QueuedItem {
    const id = eventId(item);
    const isClaimed = this.#waiting.claimed(key) !== undefined;
    return {
      key,
      source: item.source,
      type: item.type,
      acceptedAtMs,
      attempt,
      isClaimed,
      ...(id === undefined ? {} : { id }),
      ...(notBeforeMs === undefined || isClaimed ? {} : { notBeforeMs }),
    };
  }

  #enqueue(item: InboxItem): void {
    this.#lastKey += 1;
    const { byteLength: bytes } = itemBody(item);
    const acceptedAtMs = this.#clock.now();
    this.#waiting.add({ key: String(this.#lastKey), item, bytes, acceptedAtMs, attempt: 0, notBeforeMs: undefined });
  }

  #settle({ key }: Claim, settlement: Settlement): void {
    const item = this.#waiting.claimed(key);
    if (item === undefined) return;
    switch (settlement.type) {
      case "done":
        this.#waiting.remove(item);
        return;
      case "retry":
        item.attempt += 1;
        item.notBeforeMs = this.#clock.now() + settlement.afterMs;
        this.#waiting.putBack(item);
        return;
      case "dead":
        this.#waiting.remove(item);
        this.#letters.bury(item.item, settlement.reason, this.#clock.now());
    }
  }

  #release(claims: readonly Claim[]): void {
    for (const { key } of claims) {
      const item = this.#waiting.claimed(key);
      if (item !== undefined) this.#waiting.putBack(item);
    }
  }

  #forgetExpired(nowMs: number): void {
    for (const [id, acceptedAtMs] of this.#seen) {
      const agoMs = nowMs - acceptedAtMs;
      if (agoMs < this.#limits.dedupWindowMs && agoMs >= -furthestAheadMs) return;
      this.#seen.delete(id);
    }
  }
}
