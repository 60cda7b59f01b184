import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import {
  ConsumerLoop,
  type ConsumeOptions,
  type InboxConsumer,
  type InboxHandler,
} from "@statewave-connectors/connector-sdk/inbox";
import { NewWorkListener, type NewWorkListenerOptions } from "./new-work-listener.ts";
import type { KnownSources } from "./known-sources.ts";
import type { PendingItems } from "./pending-items.ts";
import type { RedisClaims } from "./redis-claims.ts";
import { type SourceQueues, upkeepMs } from "./source-queues.ts";

export interface RedisConsumerOptions {
  readonly claims: RedisClaims;
  readonly queues: SourceQueues;
  readonly sources: KnownSources;
  readonly pending: PendingItems;
  readonly connectListener: NewWorkListenerOptions["connect"];
  readonly handler: InboxHandler;
  readonly limits: ConsumeOptions;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Every so many rounds of upkeep the index is swept: about half a minute, or ten minutes where it is long. */
const roundsPerSweep = { short: 6, long: 120 };
const longIndex = 10_000;

/** The consumer of this process: the loop that all inboxes share, and what Redis needs besides. */
export class RedisConsumer implements InboxConsumer {
  readonly #options: RedisConsumerOptions;
  readonly #loop: ConsumerLoop;
  readonly #listener: NewWorkListener;
  #isPaused = false;
  #cancelUpkeep: () => void = () => undefined;
  #rounds = 0;

  constructor(options: RedisConsumerOptions) {
    const { claims, queues, sources, handler, limits, clock, logger } = options;
    this.#options = options;
    this.#loop = new ConsumerLoop({ queue: claims, handler, limits, clock, logger });
    this.#listener = new NewWorkListener({
      connect: options.connectListener,
      // A marker that is taken here is missed elsewhere, so only those are watched of which something could be fetched.
      keys: () => [
        sources.noticeKey,
        ...(this.#isPaused ? [] : claims.sourcesWithRoom.map((source) => queues.markerKey(source))),
      ],
      onNewWork: (key) => void (key === sources.noticeKey ? this.#learnSources() : this.wake()),
      clock,
    });
    void this.#upkeep();
  }

  get ended(): boolean {
    return this.#loop.ended;
  }

  wake(): void {
    this.#loop.wake();
  }

  pause(): void {
    this.#isPaused = true;
    this.#loop.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#loop.resume();
  }

  release(): Promise<number> {
    return this.#loop.giveBack();
  }

  async stop(signal: AbortSignal): Promise<void> {
    this.#isPaused = true;
    await this.#loop.stop(signal);
    this.#end();
  }

  /** Ends at once and sends the engine nothing; resolves when no claim is under way any more. */
  async abandon(reason: unknown): Promise<void> {
    this.#end();
    await this.#loop.abandon(reason);
  }

  #end(): void {
    this.#cancelUpkeep();
    this.#listener.stop();
  }

  async #learnSources(): Promise<void> {
    await this.#options.sources.refresh().catch(() => undefined);
    this.wake();
  }

  /** Locks, jobs of dead processes, new sources; and a look whether there is something to fetch, should a notice have been missed. */
  async #upkeep(): Promise<void> {
    const { claims, sources, pending, clock, logger } = this.#options;
    const renewed = claims.renewLocks().then((lost) => {
      if (lost.length === 0) return;
      logger.warn("claims were lost: this process stood still for too long", { claims: lost.length });
      this.#loop.loseClaims(new DOMException("the claim was lost", "AbortError"), new Set(lost));
    });
    const isDue = this.#rounds % roundsPerSweep[pending.lastDepth > longIndex ? "long" : "short"] === 0;
    const swept = isDue ? pending.sweep() : undefined;
    this.#rounds += 1;
    const rescued = sources.refresh().then(() => claims.rescueStalled());
    for (const outcome of await Promise.allSettled([renewed, rescued, swept])) {
      if (outcome.status === "rejected") logger.debug("upkeep of the inbox failed; it is tried again", { error: outcome.reason });
    }
    if (this.ended) return;
    this.wake();
    this.#cancelUpkeep = clock.after(upkeepMs, () => void this.#upkeep());
  }
}
