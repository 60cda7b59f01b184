import { randomUUID } from "node:crypto";
import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import {
  type ConsumeOptions,
  type DeadLetter,
  eventId,
  type InboxEngine,
  inboxFullError,
  type InboxHandler,
  type InboxItem,
  type InboxLimits,
  type InboxView,
  type KeyPage,
  keySteps,
} from "@statewave-connectors/connector-sdk/inbox";
import { RedisScripts, serverCertificateExpiresAtMs, toRedisError } from "@statewave-connectors/redis-client";
import type { Redis } from "ioredis";
import { Admission } from "./admission.ts";
import { countQueued } from "./count-queued.ts";
import { DeadLetters, toLetterType } from "./dead-letters.ts";
import { type EncodedItem, encodeItem, hashId } from "./encode-item.ts";
import { KnownSources } from "./known-sources.ts";
import { type PendingItem, PendingItems } from "./pending-items.ts";
import { QueueView, toPendingItem } from "./queue-view.ts";
import { RedisClaims } from "./redis-claims.ts";
import { RedisConsumer } from "./redis-consumer.ts";
import { indexKeys } from "./scripts.ts";
import { SourceQueues } from "./source-queues.ts";

export interface RedisEngineOptions {
  readonly client: Redis;
  readonly connectListener: () => Promise<Redis>;
  readonly keyPrefix: string;
  readonly limits: InboxLimits;
  readonly durability: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A probe expires and is not deleted: Redis allows deletes even while it stores nothing. */
const probeLifeMs = 1_000;
/** Two commands take milliseconds: it outlives only a process that died between them. */
const discardMarkMs = 5_000;

/**
 * Redis: a BullMQ queue for each source, whose ids BullMQ remembers for the dedup window, and beside them our index of what
 * waits and our dead letters.
 */
export class RedisEngine implements InboxEngine {
  readonly durability: string;
  readonly view: InboxView;
  readonly #options: RedisEngineOptions;
  readonly #queues: SourceQueues;
  readonly #sources: KnownSources;
  readonly #pending: PendingItems;
  readonly #letters: DeadLetters;
  readonly #admission: Admission;
  readonly #claims: RedisClaims;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: RedisEngineOptions) {
    const { client, keyPrefix, limits, clock } = options;
    this.durability = options.durability;
    this.#options = options;
    const scripts = new RedisScripts(client, indexKeys(keyPrefix));
    this.#queues = new SourceQueues(client, keyPrefix);
    this.#sources = new KnownSources(client, keyPrefix);
    const view = new QueueView(client, this.#queues, keyPrefix);
    this.view = {
      list: (query) => this.#call(() => this.#pending.flushed().then(() => view.list(query))),
      get: (key) => this.#call(() => view.get(key)),
      remembers: (source, id) => this.#call(() => view.remembers(source, id)),
      countBySource: () => this.#call(() => countQueued(scripts, this.#queues, this.#sources)),
    };
    this.#pending = new PendingItems(scripts, this.#queues);
    this.#letters = new DeadLetters(scripts);
    this.#admission = new Admission(limits, () => this.#pending.stats());
    const parts = { queues: this.#queues, sources: this.#sources, pending: this.#pending, letters: this.#letters, scripts };
    this.#claims = new RedisClaims({ ...parts, admission: this.#admission, clock, token: randomUUID() });
  }

  get certificateExpiresAtMs(): number | undefined {
    return serverCertificateExpiresAtMs(this.#options.client);
  }

  /** Rejects when Redis does not answer what it holds. */
  opened(): Promise<void> {
    return this.#call(async () => {
      await this.#queues.ready();
      await this.#sources.refresh();
      this.#admission.update(await this.#pending.stats());
    });
  }

  async accept(item: InboxItem): Promise<"fresh" | "duplicate"> {
    const encoded = encodeItem(item);
    const id = eventId(item);
    const dedupId = id === undefined ? undefined : hashId(id);
    return this.#call(async () => {
      await this.#sources.enter(encoded.source);
      const leave = await this.#admission.enter(encoded.bytes);
      if (leave === undefined) return this.#refuse(encoded, dedupId);
      const jobId = randomUUID();
      try {
        const { dedupWindowMs } = this.#options.limits;
        const deduplication = dedupId === undefined ? {} : { deduplication: { id: dedupId, ttl: dedupWindowMs } };
        const storedAs = await this.#store(encoded, { jobId, ...deduplication });
        if (storedAs !== jobId) return "duplicate";
      } finally {
        // Also after an error: the job may be stored although its answer was lost. The script counts only jobs that exist.
        this.#inBackground(this.#pending.enter({ ...encoded, jobId }).then(leave, () => leave()));
      }
      return "fresh";
    });
  }

  startConsumer(handler: InboxHandler, limits: ConsumeOptions): RedisConsumer {
    const { connectListener, clock, logger } = this.#options;
    const parts = { claims: this.#claims, queues: this.#queues, sources: this.#sources, pending: this.#pending };
    return new RedisConsumer({ ...parts, connectListener, handler, limits, clock, logger });
  }

  bury(item: InboxItem, reason: string): Promise<void> {
    return this.#call(() => this.#letters.bury(item, reason));
  }

  listLetters(page: KeyPage): Promise<readonly DeadLetter[]> {
    return this.#call(() => this.#letters.list(page));
  }

  getDeadLetter(key: string): Promise<DeadLetter | undefined> {
    return this.#call(() => this.#letters.get(key));
  }

  retryLetters(keys: readonly string[]): Promise<number> {
    return this.#inSteps(keys, async (step) => {
      await Promise.all(step.map((key) => this.#putBack(key)));
      return this.#letters.remove(step);
    });
  }

  discardLetters(keys: readonly string[]): Promise<number> {
    return this.#inSteps(keys, (step) => this.#letters.remove(step));
  }

  discardQueued(keys: readonly string[]): Promise<number> {
    return this.#call(async () => {
      let discarded = 0;
      for (const item of keys.flatMap((key) => toPendingItem(key) ?? [])) if (await this.#discard(item)) discarded += 1;
      return discarded;
    });
  }

  async stats() {
    const { depth, bytes, oldestAcceptedAtMs, letterCounts } = await this.#call(() => this.#pending.stats());
    const deadLetters = letterCounts.flatMap(([of, count]) => {
      const [sourceText = "", type] = of.split(" ");
      const source = parseSourceKey(sourceText);
      return source === undefined ? [] : [{ source, type: toLetterType(type), count }];
    });
    return { depth, bytes, oldestAcceptedAtMs, deadLetters };
  }

  async probeWrite(): Promise<void> {
    const { client, keyPrefix } = this.#options;
    await this.#call(() => client.set(`${keyPrefix}probe`, "", "PX", probeLifeMs));
  }

  async close(abandoned: Promise<void>): Promise<void> {
    await abandoned;
    // What is claimed comes back by itself after a while; given back, it need not wait for that.
    await this.#claims.giveBack().catch(() => undefined);
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    await this.#queues.close();
    this.#options.client.disconnect();
  }

  /** The id under which BullMQ has it: of an id that it remembers, the first copy's. */
  async #store({ source, bytes, stored }: EncodedItem, options: StoreOptions): Promise<string> {
    const job = await this.#queues.get(source).queue.add(String(bytes), stored, { ...options, removeOnComplete: true });
    return job.id!;
  }

  /** No room: but what is safe already may still be answered. */
  async #refuse({ source }: EncodedItem, dedupId: string | undefined): Promise<"duplicate"> {
    if (dedupId !== undefined && (await this.#queues.get(source).queue.getDeduplicationJobId(dedupId)) !== null)
      return "duplicate";
    throw inboxFullError(this.#admission.known, this.#options.limits);
  }

  /** Back into the queue before it leaves the list: a crash in between repeats it and loses nothing. Its job's id makes that once. */
  async #putBack(key: string): Promise<void> {
    const item = await this.#letters.item(key);
    if (item === undefined) return;
    const jobId = `letter-${key}`;
    await this.#sources.enter(item.source);
    await this.#store(item, { jobId });
    this.#admission.update(await this.#pending.enter({ ...item, jobId }));
  }

  /** BullMQ reports a job as removed that was not there: of several callers at once only the one that sets the mark may look and remove. */
  async #discard(item: PendingItem): Promise<boolean> {
    const { client } = this.#options;
    const mark = `${this.#queues.jobKey(item.source, item.jobId)}:discarding`;
    if ((await client.set(mark, "", "PX", discardMarkMs, "NX")) === null) return false;
    try {
      return await this.#remove(item);
    } finally {
      await client.del(mark);
    }
  }

  /** BullMQ refuses to remove a job with a lock. Without `deid` it leaves the id remembered, which it would forget with the job. */
  async #remove(item: PendingItem): Promise<boolean> {
    const { source, jobId } = item;
    const { client } = this.#options;
    const key = this.#queues.jobKey(source, jobId);
    if ((await client.exists(key)) === 0) return false;
    await client.hdel(key, "deid");
    if ((await this.#queues.get(source).queue.remove(jobId)) !== 1) return false;
    this.#admission.update(await this.#pending.strike(item));
    return true;
  }

  #inSteps(keys: readonly string[], apply: (step: readonly string[]) => Promise<number>): Promise<number> {
    return this.#call(async () => {
      let total = 0;
      for (const step of keySteps(keys)) total += await apply(step.map(String));
      return total;
    });
  }

  async #call<Value>(work: () => Promise<Value>): Promise<Value> {
    const promise = work();
    this.#inBackground(promise);
    try {
      return await promise;
    } catch (error) {
      throw toRedisError("INBOX", error);
    }
  }

  #inBackground(promise: Promise<unknown>): void {
    this.#underWay.add(promise);
    const forget = () => this.#underWay.delete(promise);
    promise.then(forget, forget);
  }
}

interface StoreOptions {
  readonly jobId: string;
  readonly deduplication?: { readonly id: string; readonly ttl: number };
}
