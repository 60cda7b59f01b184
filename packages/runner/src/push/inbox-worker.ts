import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import {
  type ClaimedItem,
  eventId,
  type Inbox,
  type InboxConsumer,
  type InboxItem,
  itemBody,
  type Settlement,
} from "@statewave-connectors/connector-sdk/inbox";
import type { Delivery } from "../delivery/delivery.ts";
import { LinkedAbort } from "../deadline/linked-abort.ts";
import { traceOf } from "../telemetry/traced-event.ts";
import { AcceptsFirst } from "./accepts-first.ts";
import { EventReport } from "./event-report.ts";
import { ItemProcessor, type ItemProcessorOptions, revocation } from "./item-processor.ts";

/**
 * Unsettled events of one source: what a source alone can deliver in a second is this number divided by the sink's answering time. With the
 * contract's default of 50 that is at most 2,500 for a sink that takes 20 ms. Memory stays bounded by the bytes claimed.
 */
const maxItemsPerSource = 300;
/** Under load events come in handfuls instead of one by one: a claim, a transaction and a request to the sink cost far more than an event. */
const claimIntervalMs = 20;

export interface InboxWorkerOptions extends ItemProcessorOptions {
  readonly inbox: Inbox;
  readonly delivery: ItemProcessorOptions["delivery"] & Pick<Delivery, "onStateChange">;
  /** See {@link AcceptsFirst}. */
  readonly readUtilization: () => number;
}

/**
 * Takes events out of the inbox and has each processed and settled by itself. While the sink wants no more, nothing is fetched and
 * claimed events wait: an outage costs no event an attempt. When this process can deliver nothing, what it claimed from an inbox that
 * processes share is given back.
 */
export class InboxWorker {
  readonly #options: InboxWorkerOptions;
  readonly #processor: ItemProcessor;
  readonly #report: EventReport;
  readonly #acceptsFirst: AcceptsFirst;
  #consumer: InboxConsumer | undefined;
  #unsubscribe: (() => void) | undefined;
  #leftToOthers = false;
  /** What aborts each item under way. */
  readonly #underWay = new Map<ClaimedItem, LinkedAbort>();

  constructor(options: InboxWorkerOptions) {
    this.#options = options;
    const { clock, logger, readUtilization } = options;
    this.#report = new EventReport({ clock, logger });
    this.#processor = new ItemProcessor(options, (source, counts) => this.#report.processed(source, counts));
    this.#acceptsFirst = new AcceptsFirst({ clock, readUtilization, onChange: () => this.#applyState() });
  }

  start(): void {
    const { inbox, delivery } = this.#options;
    const consumer = inbox.consume((claimed) => this.#handle(claimed), { maxItemsPerSource, claimIntervalMs });
    this.#consumer = consumer;
    this.#applyState();
    this.#unsubscribe = delivery.onStateChange(() => this.#applyState());
  }

  /** A webhook was stored: more to do, and a reason to leave the main thread to the next one. */
  accepted(): void {
    this.#acceptsFirst.accepted();
  }

  /**
   * Forgets an item that is claimed here and waits for a sink that takes nothing; answers whether there was one that was not yet revoked.
   * With a working sink it is delivered any moment, and is left to that.
   */
  revoke(item: InboxItem): boolean {
    if (this.#options.delivery.state.wantsMore) return false;
    const found = [...this.#underWay].find(([claimed]) => isSameItem(claimed.item, item));
    if (found === undefined || found[1].signal.reason === revocation) return false;
    found[1].abort(revocation);
    // Its mapping may have timed out at this moment.
    return found[1].signal.reason === revocation;
  }

  #applyState(): void {
    const { wantsMore, takesNothing } = this.#options.delivery.state;
    if (wantsMore && !this.#acceptsFirst.givesWay) this.#consumer?.resume();
    else this.#consumer?.pause();
    if (takesNothing && !this.#leftToOthers) void this.#leaveToOthers();
    this.#leftToOthers = takesNothing;
  }

  /** Another process that shares the inbox may be able to deliver the claimed events. */
  async #leaveToOthers(): Promise<void> {
    const { logger } = this.#options;
    try {
      const events = await this.#consumer?.release?.();
      if (events !== undefined && events > 0)
        logger.info("claimed events are given back: this process can deliver nothing now", { events });
    } catch (error) {
      logger.warn("claimed events could not be given back", { error });
    }
  }

  /** Fetches nothing more. Claimed events settle, or are given back unsettled when `signal` aborts. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#unsubscribe?.();
    await this.#consumer?.stop(signal);
    this.#report.flush();
  }

  /** Below the webhook that stored it. */
  #traced({ item, key, attempt }: ClaimedItem, process: () => Promise<Settlement>): Promise<Settlement> {
    const { telemetry } = this.#options;
    if (telemetry === undefined) return process();
    const source = formatSourceKey(item.source);
    const attributes = { "statewave.source": source, "statewave.item": key, "statewave.attempt": attempt };
    return telemetry.span(`event ${source}`, { kind: "consumer", parent: traceOf(item), attributes }, async (span) => {
      const settlement = await process();
      span.set({ "statewave.settlement": settlement.type });
      if (settlement.type === "dead") span.fail(new Error("the event became a dead letter"));
      return settlement;
    });
  }

  async #handle(claimed: ClaimedItem): Promise<Settlement> {
    const { source } = claimed.item;
    this.#acceptsFirst.taken();
    const settlement = await this.#traced(claimed, () => this.#process(claimed));
    // No settlement of a claim that was given back or lost is stored.
    if (!claimed.signal.aborted) this.#options.observer.settled(source, settlement.type);
    return settlement;
  }

  /** What was revoked is done. */
  async #process(claimed: ClaimedItem): Promise<Settlement> {
    const linked = new LinkedAbort(claimed.signal);
    this.#underWay.set(claimed, linked);
    try {
      const settlement = await this.#processor.process(claimed, linked);
      return linked.signal.reason === revocation ? { type: "done" } : settlement;
    } finally {
      this.#underWay.delete(claimed);
      linked.unlink();
    }
  }
}

/** Keys of claims and of views differ between inboxes. */
function isSameItem(left: InboxItem, right: InboxItem): boolean {
  const isAlike = left.type === right.type && left.receivedAtMs === right.receivedAtMs;
  if (!isAlike || formatSourceKey(left.source) !== formatSourceKey(right.source) || eventId(left) !== eventId(right))
    return false;
  return Buffer.from(itemBody(left)).equals(itemBody(right));
}
