import { type Clock, ConnectorsError, type Episode, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import {
  type Claim,
  type ClaimBatch,
  type ClaimQueue,
  ConsumerLoop,
  type ConsumeOptions,
  type DeadLetter,
  type DeadLetterQuery,
  eventId,
  type Inbox,
  type InboxConsumer,
  type InboxHandler,
  type InboxItem,
  type InboxStats,
  letterType,
  type Settlement,
  type UnmappedItem,
} from "@statewave-connectors/connector-sdk/inbox";
import { decodeItem, encodeItem } from "./encode-item.ts";
import type { ClaimLimits, LetterRow } from "./worker/protocol.ts";
import { WorkerLink, type WorkerLinkOptions } from "./worker-link.ts";

/** Letters moved in one transaction: each can be large, and webhooks wait meanwhile. */
const lettersPerStep = 50;

/**
 * The inbox in one SQLite file. This side encodes, decodes and runs the consumer; the file belongs to a worker thread, so that an fsync
 * never holds up the event loop.
 *
 * A settlement is durable like an accept. Calls take effect in the order in which they are made: once a later call has answered, every
 * settlement made before it is stored.
 */
export class FileInbox implements Inbox {
  readonly durability = "fsynced on this disk";
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #link: WorkerLink;
  #consumer: ConsumerLoop | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: Omit<WorkerLinkOptions, "onClaimsLost">) {
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#link = new WorkerLink({ ...options, onClaimsLost: (error) => this.#consumer?.loseClaims(error) });
  }

  /** Rejects when the file cannot be opened. */
  opened(): Promise<void> {
    return this.#link.opened();
  }

  async accept(item: InboxItem): Promise<"fresh" | "duplicate"> {
    this.#assertOpen();
    const { stored, body } = encodeItem(item);
    const outcome = await this.#link.call<"accept">({ type: "accept", ...stored, id: eventId(item) }, body);
    if (outcome === "fresh") this.#consumer?.wake();
    return outcome;
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
    const queue = new LinkedQueue(this.#link);
    this.#consumer = new ConsumerLoop({ queue, handler, limits: options, clock: this.#clock, logger: this.#logger });
    return this.#consumer;
  }

  async buryEpisode(source: SourceKey, episode: Episode, reason: string): Promise<void> {
    this.#assertOpen();
    await this.#bury({ type: "episode", source, episode, receivedAtMs: this.#clock.now() }, reason);
  }

  async buryItem(item: UnmappedItem, reason: string): Promise<void> {
    this.#assertOpen();
    await this.#bury(item, reason);
  }

  async listDeadLetters(query: DeadLetterQuery = {}): Promise<readonly DeadLetter[]> {
    this.#assertOpen();
    const limit = Math.max(0, Math.min(1_000, Math.floor(query.limit ?? 100)));
    const afterKey = query.after === undefined ? 0 : (parseKey(query.after) ?? Number.MAX_SAFE_INTEGER);
    const rows = await this.#link.call<"list">({ type: "list", source: query.source, afterKey, limit });
    return rows.map(toDeadLetter);
  }

  async getDeadLetter(key: string): Promise<DeadLetter | undefined> {
    this.#assertOpen();
    const parsed = parseKey(key);
    const row = parsed === undefined ? undefined : await this.#link.call<"get">({ type: "get", key: parsed });
    if (row?.meta === undefined || row.body === undefined) return undefined;
    return { ...toDeadLetter(row), item: decodeItem({ ...row, meta: row.meta }, row.body) };
  }

  async retryDeadLetters(keys: readonly string[]): Promise<number> {
    const retried = await this.#inSteps(keys, (step) => this.#link.call<"retryLetters">({ type: "retryLetters", keys: step }));
    if (retried > 0) this.#consumer?.wake();
    return retried;
  }

  async discardDeadLetters(keys: readonly string[]): Promise<number> {
    return this.#inSteps(keys, (step) => this.#link.call<"discardLetters">({ type: "discardLetters", keys: step }));
  }

  async stats(): Promise<InboxStats> {
    this.#assertOpen();
    const { depth, bytes, oldestAcceptedAtMs, deadLetters } = await this.#link.call<"stats">({ type: "stats" });
    return {
      depth,
      bytes,
      ...(oldestAcceptedAtMs === undefined ? {} : { oldestAcceptedAtMs }),
      deadLetters: deadLetters.flatMap(({ kind, name, events, episodes, items }) =>
        (
          [
            ["event", events],
            ["episode", episodes],
            ["item", items],
          ] as const
        )
          .filter(([, count]) => count > 0)
          .map(([type, count]) => ({ source: { kind, name }, type, count })),
      ),
    };
  }

  async probeWrite(): Promise<void> {
    this.#assertOpen();
    await this.#link.call<"probe">({ type: "probe" });
  }

  close(): Promise<void> {
    if (this.#closing === undefined) {
      void this.#consumer?.abandon(closedError());
      this.#closing = this.#link.close();
    }
    return this.#closing;
  }

  async #bury(item: InboxItem, reason: string): Promise<void> {
    const { stored, body } = encodeItem(item);
    await this.#link.call<"bury">({ type: "bury", ...stored, reason }, body);
  }

  async #inSteps(keys: readonly string[], apply: (step: readonly number[]) => Promise<number>): Promise<number> {
    this.#assertOpen();
    const parsed = keys.map(parseKey).filter((key) => key !== undefined);
    let total = 0;
    for (let start = 0; start < parsed.length; start += lettersPerStep) {
      total += await apply(parsed.slice(start, start + lettersPerStep));
    }
    return total;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closedError();
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
    await this.#link.call<"settle">({ type: "settle", key: Number(claim.key), outcome: settlement });
  }

  async release(claims: readonly Claim[]): Promise<void> {
    await this.#link.call<"release">({ type: "release", keys: claims.map(({ key }) => Number(key)) });
  }
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

/** Undefined for what was never a key of this inbox. */
function parseKey(key: string): number | undefined {
  const number = Number(key);
  return Number.isSafeInteger(number) && String(number) === key ? number : undefined;
}

function closedError(): ConnectorsError {
  return new ConnectorsError({ code: "INBOX_CLOSED", message: "the inbox is closed", hint: "open the inbox again" });
}
