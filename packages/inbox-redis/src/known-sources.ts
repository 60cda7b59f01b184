import type { RedisClient } from "@statewave-connectors/redis-client";

/** The sources that ever had an item, in Redis and as this process knows them: whose queues there are to take from. */
export class KnownSources {
  /** Written to when a new one is entered. */
  readonly noticeKey: string;
  readonly #key: string;
  readonly #client: RedisClient;
  readonly #known = new Set<string>();
  readonly #entered = new Set<string>();

  constructor(client: RedisClient, keyPrefix: string) {
    this.#client = client;
    this.#key = `${keyPrefix}sources`;
    this.noticeKey = `${keyPrefix}new-source`;
  }

  get all(): readonly string[] {
    return [...this.#known];
  }

  /** Before its first item is stored: an item in an unknown queue would never be found. */
  async enter(source: string): Promise<void> {
    if (this.#entered.has(source)) return;
    if ((await this.#client.sadd(this.#key, source)) === 1) await this.#client.zadd(this.noticeKey, 0, source);
    this.#known.add(source);
    this.#entered.add(source);
  }

  /** Learns of the others' sources, and enters its own again: a Redis that crashed may have lost the last of them. */
  async refresh(): Promise<void> {
    if (this.#entered.size > 0) await this.#client.sadd(this.#key, ...this.#entered);
    for (const source of await this.#client.smembers(this.#key)) this.#known.add(source);
  }
}
