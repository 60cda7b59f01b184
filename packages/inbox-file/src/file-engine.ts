import { join } from "node:path";
import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import {
  type Claim,
  type ClaimBatch,
  type ClaimLimits,
  type ClaimQueue,
  ConsumerLoop,
  type ConsumeOptions,
  type DeadLetter,
  eventId,
  type InboxEngine,
  type InboxHandler,
  type InboxItem,
  type InboxView,
  type KeyPage,
  keySteps,
  letterType,
  metaId,
  parseKey,
  type QueuedItem,
  type Settlement,
  toKeyPage,
} from "@statewave-connectors/connector-sdk/inbox";
import { decodeItem, encodeItem } from "./encode-item.ts";
import type { LetterRow, QueuedRow } from "./worker/protocol.ts";
import { WorkerLink, type WorkerLinkOptions } from "./worker-link.ts";

/** The file in a folder of back-ups. */
export const backupName = "inbox.sqlite";

/**
 * One SQLite file. This side encodes, decodes and runs the consumer; the file belongs to a worker thread, so that an fsync never holds up
 * the event loop.
 *
 * A settlement is durable like an accept. Calls take effect in the order in which they are made: once a later call has answered, every
 * settlement made before it is stored.
 */
export class FileEngine implements InboxEngine {
  readonly durability = "fsynced on this disk";
  readonly view: InboxView = {
    list: async (query = {}) => {
      const { source, after, limit } = toKeyPage(query);
      const rows = await this.#link.call<"listQueued">({ type: "listQueued", source, afterKey: after, limit });
      return rows.map(toQueuedItem);
    },
    get: async (key) => {
      const parsed = parseKey(key);
      const row = parsed === undefined ? undefined : await this.#link.call<"getQueued">({ type: "getQueued", key: parsed });
      return row?.body === undefined ? undefined : { ...toQueuedItem(row), item: decodeItem(row, row.body) };
    },
    remembers: ({ kind, name }, id) => this.#link.call<"remembers">({ type: "remembers", kind, name, id }),
    countBySource: async () => {
      const rows = await this.#link.call<"countQueued">({ type: "countQueued" });
      return rows.map(({ kind, name, count }) => ({ source: { kind, name }, count }));
    },
  };
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #link: WorkerLink;
  #consumer: ConsumerLoop | undefined;

  constructor(options: Omit<WorkerLinkOptions, "onClaimsLost">) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#link = new WorkerLink({ ...options, onClaimsLost: (error) => this.#consumer?.loseClaims(error) });
  }

  /** Rejects when the file cannot be opened. */
  opened(): Promise<void> {
    return this.#link.opened();
  }

  accept(item: InboxItem): Promise<"fresh" | "duplicate"> {
    const { stored, body } = encodeItem(item);
    return this.#link.call<"accept">({ type: "accept", ...stored, id: eventId(item) }, body);
  }

  startConsumer(handler: InboxHandler, limits: ConsumeOptions): ConsumerLoop {
    const queue = new LinkedQueue(this.#link);
    this.#consumer = new ConsumerLoop({ queue, handler, limits, clock: this.#clock, logger: this.#logger });
    return this.#consumer;
  }

  async bury(item: InboxItem, reason: string): Promise<void> {
    const { stored, body } = encodeItem(item);
    await this.#link.call<"bury">({ type: "bury", ...stored, reason }, body);
  }

  async listLetters({ source, after, limit }: KeyPage): Promise<readonly DeadLetter[]> {
    const rows = await this.#link.call<"listLetters">({ type: "listLetters", source, afterKey: after, limit });
    return rows.map(toDeadLetter);
  }

  async getDeadLetter(key: string): Promise<DeadLetter | undefined> {
    const parsed = parseKey(key);
    const row = parsed === undefined ? undefined : await this.#link.call<"getLetter">({ type: "getLetter", key: parsed });
    if (row?.meta === undefined || row.body === undefined) return undefined;
    return { ...toDeadLetter(row), item: decodeItem({ ...row, meta: row.meta }, row.body) };
  }

  async retryLetters(keys: readonly string[]): Promise<number> {
    let retried = 0;
    for (const step of keySteps(keys)) retried += await this.#link.call<"retryLetters">({ type: "retryLetters", keys: step });
    return retried;
  }

  async discardLetters(keys: readonly string[]): Promise<number> {
    let discarded = 0;
    for (const step of keySteps(keys))
      discarded += await this.#link.call<"discardLetters">({ type: "discardLetters", keys: step });
    return discarded;
  }

  async discardQueued(keys: readonly string[]): Promise<number> {
    let discarded = 0;
    const steps = [...keySteps(keys)];
    for (const step of steps.length === 0 ? [[]] : steps)
      discarded += await this.#link.call<"discardQueued">({ type: "discardQueued", keys: step });
    return discarded;
  }

  async stats() {
    const { deadLetters, ...content } = await this.#link.call<"stats">({ type: "stats" });
    const counts = deadLetters.flatMap(({ kind, name, events, episodes, items }) =>
      (
        [
          ["event", events],
          ["episode", episodes],
          ["item", items],
        ] as const
      )
        .filter(([, count]) => count > 0)
        .map(([type, count]) => ({ source: { kind, name }, type, count })),
    );
    return { ...content, deadLetters: counts };
  }

  async probeWrite(): Promise<void> {
    await this.#link.call<"probe">({ type: "probe" });
  }

  async backup(folder: string): Promise<readonly string[]> {
    await this.#link.backup(join(folder, backupName));
    return [backupName];
  }

  close(): Promise<void> {
    return this.#link.close();
  }
}

/** The consumer's view of the worker. */
class LinkedQueue implements ClaimQueue {
  readonly #link: WorkerLink;

  constructor(link: WorkerLink) {
    this.#link = link;
  }

  async claim(limits: ClaimLimits): Promise<ClaimBatch> {
    const { rows, more, nextReadyAtMs } = await this.#link.claim(limits);
    const claims = rows.map((row) => ({ key: String(row.key), attempt: row.attempt, item: decodeItem(row, row.body) }));
    return { claims, more, ...(nextReadyAtMs === undefined ? {} : { nextReadyAtMs }) };
  }

  async settle(claim: Claim, settlement: Settlement): Promise<void> {
    await this.#link.call<"settle">({ type: "settle", key: Number(claim.key), settlement });
  }

  async release(claims: readonly Claim[]): Promise<void> {
    await this.#link.call<"release">({ type: "release", keys: claims.map(({ key }) => Number(key)) });
  }
}

function toQueuedItem({ key, kind, name, itemType, acceptedAtMs, attempt, notBeforeMs, isClaimed, meta }: QueuedRow): QueuedItem {
  const id = metaId(meta);
  return {
    key: String(key),
    source: { kind, name },
    type: itemType,
    acceptedAtMs,
    attempt,
    isClaimed,
    ...(id === undefined ? {} : { id }),
    ...(notBeforeMs === 0 || isClaimed ? {} : { notBeforeMs }),
  };
}

function toDeadLetter({ key, kind, name, itemType, reason, buriedAtMs }: LetterRow): DeadLetter {
  return {
    key: String(key),
    source: { kind, name },
    type: letterType(itemType),
    reason: JSON.parse(reason) as string,
    buriedAtMs,
  };
}
