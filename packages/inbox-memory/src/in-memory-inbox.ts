import { type Clock, ConnectorsError, type Episode, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, silentLogger, systemClock } from "@statewave-connectors/connector-sdk/host";
import {
  type Claim,
  ConsumerLoop,
  type ConsumeOptions,
  type DeadLetter,
  type DeadLetterQuery,
  defaultInboxLimits,
  eventId,
  type Inbox,
  type InboxConsumer,
  type InboxHandler,
  type InboxItem,
  type InboxLimits,
  type InboxStats,
  type Settlement,
  type UnmappedItem,
} from "@statewave-connectors/connector-sdk/inbox";
import { bytesOf, copyItem } from "./copy-item.ts";
import { MemoryDeadLetters } from "./memory-dead-letters.ts";
import { WaitingItems } from "./waiting-items.ts";

/** An id that was accepted further ahead is forgotten: the clock was ahead. */
const furthestAheadMs = 30 * 24 * 60 * 60_000;

export interface InMemoryInboxOptions {
  readonly limits?: InboxLimits;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** An inbox in this process's memory: for development, tests, and pods that may forget. */
export class InMemoryInbox implements Inbox {
  readonly durability = "held in memory, lost when this process ends";
  readonly #limits: InboxLimits;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #waiting = new WaitingItems();
  readonly #letters = new MemoryDeadLetters();
  /** When each id was accepted; the oldest first. */
  readonly #seen = new Map<string, number>();
  #lastKey = 0;
  #consumer: ConsumerLoop | undefined;
  #closed = false;

  constructor({ limits = defaultInboxLimits, clock = systemClock, logger = silentLogger }: InMemoryInboxOptions = {}) {
    this.#limits = limits;
    this.#clock = clock;
    this.#logger = logger;
  }

  async accept(item: InboxItem): Promise<"fresh" | "duplicate"> {
    this.#assertOpen();
    const nowMs = this.#clock.now();
    this.#forgetExpired(nowMs);
    const itemId = eventId(item);
    const id = itemId === undefined ? undefined : `${formatSourceKey(item.source)} ${itemId}`;
    if (id !== undefined && this.#seen.has(id)) return "duplicate";
    const bytes = bytesOf(item);
    if (this.#waiting.depth + 1 > this.#limits.maxDepth || this.#waiting.bytes + bytes > this.#limits.maxBytes) {
      throw this.#fullError();
    }
    this.#enqueue(copyItem(item), bytes);
    if (id !== undefined) this.#seen.set(id, nowMs);
    return "fresh";
  }

  consume(handler: InboxHandler, options: ConsumeOptions = {}): InboxConsumer {
    this.#assertOpen();
    if (this.#consumer?.ended === false) {
      throw new ConnectorsError({
        code: "INBOX_CONSUMER_RUNNING",
        message: "this inbox already has a consumer in this process",
        hint: "stop the first one before starting another",
      });
    }
    this.#consumer = new ConsumerLoop({
      queue: {
        claim: async (limits) => this.#waiting.claim(limits, this.#clock.now()),
        settle: async (claim, settlement) => this.#settle(claim, settlement),
        release: async (claims) => this.#release(claims),
      },
      handler,
      limits: options,
      clock: this.#clock,
      logger: this.#logger,
    });
    return this.#consumer;
  }

  async buryEpisode(source: SourceKey, episode: Episode, reason: string): Promise<void> {
    this.#assertOpen();
    const nowMs = this.#clock.now();
    this.#letters.bury(copyItem({ type: "episode", source, episode, receivedAtMs: nowMs }), reason, nowMs);
  }

  async buryItem(item: UnmappedItem, reason: string): Promise<void> {
    this.#assertOpen();
    this.#letters.bury(copyItem(item), reason, this.#clock.now());
  }

  async listDeadLetters(query: DeadLetterQuery = {}): Promise<readonly DeadLetter[]> {
    this.#assertOpen();
    return this.#letters.list(query);
  }

  async getDeadLetter(key: string): Promise<DeadLetter | undefined> {
    this.#assertOpen();
    return this.#letters.get(key);
  }

  async retryDeadLetters(keys: readonly string[]): Promise<number> {
    return this.#removeLetters(keys, (item) => this.#enqueue(item, bytesOf(item)));
  }

  async discardDeadLetters(keys: readonly string[]): Promise<number> {
    return this.#removeLetters(keys, () => undefined);
  }

  async stats(): Promise<InboxStats> {
    this.#assertOpen();
    const { depth, bytes, oldestAcceptedAtMs } = this.#waiting;
    const oldest = oldestAcceptedAtMs === undefined ? {} : { oldestAcceptedAtMs };
    return { depth, bytes, ...oldest, deadLetters: this.#letters.counts() };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    void this.#consumer?.abandon(closedError());
  }

  #enqueue(item: InboxItem, bytes: number): void {
    this.#lastKey += 1;
    const acceptedAtMs = this.#clock.now();
    this.#waiting.add({ key: String(this.#lastKey), item, bytes, acceptedAtMs, attempt: 0, notBeforeMs: undefined });
    this.#consumer?.wake();
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

  #removeLetters(keys: readonly string[], use: (item: InboxItem) => void): number {
    this.#assertOpen();
    const items = keys.map((key) => this.#letters.remove(key)).filter((item) => item !== undefined);
    for (const item of items) use(item);
    return items.length;
  }

  #forgetExpired(nowMs: number): void {
    for (const [id, acceptedAtMs] of this.#seen) {
      const agoMs = nowMs - acceptedAtMs;
      if (agoMs < this.#limits.dedupWindowMs && agoMs >= -furthestAheadMs) return;
      this.#seen.delete(id);
    }
  }

  #assertOpen(): void {
    if (this.#closed) throw closedError();
  }

  #fullError(): ConnectorsError {
    const { depth, bytes } = this.#waiting;
    const { maxDepth, maxBytes } = this.#limits;
    return new ConnectorsError({
      code: "INBOX_FULL",
      message: `the inbox holds ${depth} items with ${bytes} bytes; its limits are ${maxDepth} items and ${maxBytes} bytes`,
      hint: "check why its items are not delivered, or raise max_depth",
      retryable: true,
    });
  }
}

function closedError(): ConnectorsError {
  return new ConnectorsError({ code: "INBOX_CLOSED", message: "the inbox is closed", hint: "open the inbox again" });
}
