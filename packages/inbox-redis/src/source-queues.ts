import type { Redis } from "ioredis";
import { type BackendFactory, type Job, Queue, QueueKeys, RedisConnection, RedisQueueBackend, Worker } from "bullmq";
import type { StoredItem } from "./encode-item.ts";

/** The item; the job's name is the number of its bytes. */
export type ItemJob = Job<StoredItem, null>;

/** A job's lock outlives a pause of its process by so much; a dead process's jobs come back a little later. */
export const lockMs = 10_000;
/** How often locks are renewed and jobs without one looked for. */
export const upkeepMs = 5_000;

/** One source's BullMQ queue, and its worker. */
export interface SourceQueue {
  readonly queue: Queue<StoredItem, null>;
  /** Has no processor: jobs are fetched one by one when there is room for them. */
  readonly worker: Worker<StoredItem, null>;
}

/**
 * A BullMQ queue for each source, so that a source with very many items waits only for itself, all of them on one connection.
 *
 * The crashes of an item are not counted: one that takes its process down with it comes back until the cause is fixed.
 */
export class SourceQueues {
  /** Begins the keys of all jobs; the source's name and the job's follow. */
  readonly jobKeyPrefix: string;
  readonly #prefix: string;
  readonly #connection: RedisConnection;
  readonly #queues = new Map<string, SourceQueue>();

  constructor(client: Redis, keyPrefix: string) {
    this.#prefix = `${keyPrefix}inbox`;
    this.jobKeyPrefix = `${this.#prefix}:`;
    this.#connection = new RedisConnection(client, { shared: true, blocking: false, skipVersionCheck: true });
    // A caller learns of it by an error of its own.
    this.#connection.on("error", () => undefined);
  }

  /** Resolves when the first job can be stored. */
  async ready(): Promise<void> {
    await this.#connection.client;
  }

  get(source: string): SourceQueue {
    const known = this.#queues.get(source) ?? this.#make(source);
    this.#queues.set(source, known);
    return known;
  }

  jobKey(source: string, jobId: string): string {
    return `${this.jobKeyPrefix}${source}:${jobId}`;
  }

  /** The key from which BullMQ's workers learn that there is something to fetch. */
  markerKey(source: string): string {
    return this.get(source).worker.toKey("marker");
  }

  async close(): Promise<void> {
    for (const { queue, worker } of this.#queues.values()) await Promise.all([queue.close(), worker.close(true)]);
    await this.#connection.close();
  }

  #make(source: string): SourceQueue {
    const keys = new QueueKeys(this.#prefix);
    const backend: BackendFactory<RedisQueueBackend> = (name, opts) =>
      new RedisQueueBackend(this.#connection, name, keys.getKeys(name), (type) => keys.toKey(name, type), opts, undefined, false);
    // The connection is the backend's; this option only has to be there.
    const connection = {};
    // The stream of events is not read, and it is kept for each source.
    const streams = { events: { maxLen: 10 } };
    const queue = new Queue<StoredItem, null>(source, { connection, prefix: this.#prefix, streams }, backend);
    const worker = new Worker<StoredItem, null>(
      source,
      null,
      {
        connection,
        prefix: this.#prefix,
        autorun: false,
        lockDuration: lockMs,
        // The least time between two searches by any process; a little less than ours, or every second one of them would be in vain.
        stalledInterval: upkeepMs - 1_000,
        maxStalledCount: Number.MAX_SAFE_INTEGER,
      },
      backend,
    );
    queue.on("error", () => undefined);
    worker.on("error", () => undefined);
    return { queue, worker };
  }
}
