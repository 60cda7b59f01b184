import {
  type Clock,
  ConnectorsError,
  type Episode,
  isConnectorsError,
  type Logger,
  type Page,
  type SourceKey,
} from "@statewave-connectors/connector-sdk";
import { formatSourceKey, type Telemetry, toError } from "@statewave-connectors/connector-sdk/host";
import type { ClaimedItem, InboxItem, Settlement, BuriedFailedItem } from "@statewave-connectors/connector-sdk/inbox";
import { Deadline } from "../deadline/deadline.ts";
import type { LinkedAbort } from "../deadline/linked-abort.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { mapAgain, type MappingEntry } from "../failed-items/map-again.ts";
import { isLevelEnabled } from "../logging/injected-logger.ts";
import type { BuryFailedItem } from "../pages/bury-failures.ts";
import { deliverPages } from "../pages/deliver-pages.ts";
import { logItemsBuried } from "../pages/log-items-buried.ts";
import { noProgress, RepeatedPages } from "../pages/repeated-pages.ts";
import type { RunOutcome } from "../pull/run-pull.ts";
import { toRunId } from "../run-id.ts";
import { deliverWhenUp } from "./deliver-when-up.ts";
import type { EventCounts } from "./event-report.ts";
import type { OpenedPush } from "./opened-push.ts";
import { planSettlement } from "./plan-settlement.ts";

/** How long a connector may take for each page of an event; time in the sink does not count. */
const pageTimeoutMs = 30_000;
/** Pause before the next attempt at an event whose entry is gone, or at a trigger whose twin fails for good. */
const longRetryMs = 10 * 60_000;
/** Pause before the next attempt at a trigger whose twin could not be read to its end just now. */
const postponedTriggerRetryMs = 5_000;
/** Pause before the next attempt at a trigger whose twin an operator has paused. When it is resumed, it is read at once anyway. */
const pausedTriggerRetryMs = 60_000;

/** Why the item of an aborted attempt is done: it is no longer wanted. */
export const revocation = new DOMException("the item was revoked", "AbortError");

/** Called with what becomes of inbox items, for the metrics. */
export interface InboxObserver {
  settled(source: SourceKey, outcome: Settlement["type"]): void;
  itemsSkipped(source: SourceKey, reason: string, count: number): void;
  /** Items of an event that could not be mapped became dead letters. */
  itemsFailed(source: SourceKey, count: number): void;
}

export interface ItemProcessorOptions {
  /** The receiver of that name; undefined when it has left the configuration. */
  readonly pushOf: (source: SourceKey) => OpenedPush | undefined;
  readonly delivery: Pick<Delivery, "deliver" | "state" | "whenUp" | "pausedUntilMs">;
  /** Runs a pull source for a trigger, `part` of it first; resolves with a run that began after the call. */
  readonly runForProgram: (source: SourceKey, part: string | undefined) => Promise<RunOutcome>;
  readonly buryFailedItem: BuryFailedItem;
  /** The entry that maps an item again; undefined when it has left the configuration. */
  readonly ownerOf: (item: BuriedFailedItem) => MappingEntry | undefined;
  /** The connector version that a retried episode is sent with. */
  readonly connectorVersion: (source: SourceKey) => string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly observer: InboxObserver;
  /** Default: nothing is traced. */
  readonly telemetry?: Telemetry | undefined;
  /** Called with what made an event a dead letter or delayed it. */
  readonly onFailure?: (error: unknown, source: SourceKey) => void;
}

/** Maps and delivers the items of an inbox, each by itself, and decides how it is settled. */
export class ItemProcessor {
  readonly #options: ItemProcessorOptions;
  readonly #onDelivered: (source: SourceKey, counts: EventCounts) => void;
  readonly #orphans = new Set<string>();
  readonly #withoutTwin = new Set<string>();

  /** `onDelivered` is called with the counts of each item whose episodes are safe. */
  constructor(options: ItemProcessorOptions, onDelivered: (source: SourceKey, counts: EventCounts) => void) {
    this.#options = options;
    this.#onDelivered = onDelivered;
  }

  /** `linked` is linked to the signal of the claim; when it aborts for a `revocation`, nothing more is reported of the item. Never rejects. */
  async process(claimed: ClaimedItem, linked: LinkedAbort): Promise<Settlement> {
    const { clock, random, logger, delivery } = this.#options;
    const { item } = claimed;
    const attempt: ItemAttempt = { claimed, linked, runId: toRunId(random) };
    try {
      if (item.type === "trigger") return await this.#followTrigger(item);
      if (item.type === "episode") return await this.#deliver(attempt, pageOf([item.episode]), linked.signal);
      if (item.type === "item") return await this.#mapAgain(item, attempt);
      const push = this.#options.pushOf(item.source);
      if (push === undefined) return this.#keepOrphan(item.source);
      return await this.#map(push, item, attempt);
    } catch (thrown) {
      if (claimed.signal.aborted || linked.signal.reason === revocation) return { type: "retry", afterMs: 0 };
      const error = toError(thrown);
      const nowMs = clock.now();
      if (isConnectorsError(error, "SINK_SOURCE_PAUSED")) {
        // A trigger's paused source is its twin, which only the error names.
        const untilMs = delivery.pausedUntilMs(item.source) ?? error.retryAtMs ?? nowMs;
        return { type: "retry", afterMs: Math.max(1_000, untilMs - nowMs) };
      }
      this.#options.onFailure?.(error, item.source);
      const settlement = planSettlement({ error, attempt: claimed.attempt, nowMs, random });
      const facts = { ...namesOf(attempt), type: item.type, error };
      if (settlement.type === "dead") logger.error("an inbox item cannot be processed and becomes a dead letter", facts);
      else logger.warn("an inbox item is retried later", { ...facts, attempt: claimed.attempt, ...waitOf(settlement) });
      return settlement;
    }
  }

  /** Maps an event and delivers its pages. Each page has 30 s to come; time in the sink does not count. */
  async #map(push: OpenedPush, item: Extract<InboxItem, { type: "event" }>, attempt: ItemAttempt): Promise<Settlement> {
    const { linked } = attempt;
    const event = {
      headers: item.headers,
      body: item.body,
      receivedAtMs: item.receivedAtMs,
      ...(item.id === undefined ? {} : { id: item.id }),
    };
    const { clock } = this.#options;
    const reason = () => mappingTimedOut(push.key);
    const mapping = new Deadline({ clock, timeoutMs: pageTimeoutMs, linked, reason }).start();
    try {
      return await this.#deliver(attempt, push.receiver.pages(event, mapping.signal), mapping.signal, {
        push,
        deadline: mapping,
      });
    } finally {
      mapping.end();
    }
  }

  /** An item whose letter was put back. One that still cannot be mapped is buried again, with the new reason. */
  async #mapAgain(item: BuriedFailedItem, attempt: ItemAttempt): Promise<Settlement> {
    const { signal } = attempt.linked;
    const entry = this.#options.ownerOf(item);
    if (entry === undefined) return this.#keepOrphan(item.source, item.direction);
    const episodes = await mapAgain({ item, entry, clock: this.#options.clock, signal });
    return this.#deliver(attempt, pageOf(episodes), signal);
  }

  async #deliver(
    attempt: ItemAttempt,
    pages: AsyncIterable<Page>,
    signal: AbortSignal,
    event?: { readonly push: OpenedPush; readonly deadline: Deadline },
  ): Promise<Settlement> {
    const { delivery, connectorVersion, observer, buryFailedItem, logger } = this.#options;
    const { item } = attempt.claimed;
    let repeated: RepeatedPages | undefined;
    let isFirst = true;
    const report = await deliverPages({
      source: item.source,
      direction: "push",
      connectorVersion: event?.push.connectorVersion ?? connectorVersion(item.source),
      subject: event?.push.entry.subject,
      pages,
      deliver: (request) => deliverWhenUp(delivery, request),
      buryFailedItem,
      telemetry: this.#options.telemetry,
      signal,
      runId: attempt.runId,
      acceptedAtMs: item.type === "event" ? item.receivedAtMs : undefined,
      // Its pages are recorded as safe by settling it, once all are.
      observer: {
        pageRead(page) {
          event?.deadline.pause();
          // Most events are one page, which repeats nothing.
          if (isFirst) isFirst = false;
          else if ((repeated ??= new RepeatedPages()).judge(page) === "stuck")
            throw noProgress({ source: item.source, direction: "push" });
          for (const [reason, count] of Object.entries(page.skipped)) observer.itemsSkipped(item.source, reason, count);
        },
        pageDelivered: () => undefined,
        itemsBuried(failures) {
          observer.itemsFailed(item.source, failures.length);
          logItemsBuried(logger, { source: item.source, runId: attempt.runId }, failures);
        },
        pageSafe: () => event?.deadline.start(),
      },
    });
    const { delivered, buried, skipped, failed } = report;
    if (isLevelEnabled(logger, "debug"))
      logger.debug("event processed", { ...namesOf(attempt), delivered, buried, skipped, failed });
    this.#onDelivered(item.source, report);
    return { type: "done" };
  }

  async #followTrigger({ source, part }: Extract<InboxItem, { type: "trigger" }>): Promise<Settlement> {
    const push = this.#options.pushOf(source);
    if (push === undefined) return this.#keepOrphan(source);
    const { pull: twin } = push.entry;
    if (twin === undefined) return this.#keepTrigger(source);
    try {
      const outcome = await this.#options.runForProgram({ kind: source.kind, name: twin }, part);
      if (outcome.type === "done") return { type: "done" };
      if (outcome.type === "failed") throw outcome.error;
      // `max_items` leaves the rest to the next dues, which pace it: another run at once would make it an endless one.
      if (outcome.reason === "max_items") return { type: "done" };
      // It ended because the runner stops, or because the twin is paused: the rest has to be read in another run.
      return { type: "retry", afterMs: postponedTriggerRetryMs };
    } catch (error) {
      const isPostponed = isConnectorsError(error, "PULL_BUSY") || isConnectorsError(error, "RUNNER_STOPPING");
      if (isPostponed) return { type: "retry", afterMs: postponedTriggerRetryMs };
      if (isConnectorsError(error, "PULL_PAUSED")) return { type: "retry", afterMs: pausedTriggerRetryMs };
      // A trigger never becomes a dead letter: whatever failed, the run is still owed.
      if (isConnectorsError(error) && error.retryable) throw error;
      return { type: "retry", afterMs: longRetryMs };
    }
  }

  #keepOrphan(source: SourceKey, direction = "push"): Settlement {
    const key = formatSourceKey(source);
    if (!this.#orphans.has(`${direction} ${key}`)) {
      this.#orphans.add(`${direction} ${key}`);
      this.#options.logger.warn("the inbox holds events of an entry that is not configured; they are kept", {
        source: key,
        hint: `add [[${direction}.${source.kind}]] name = "${source.name}" again to have them delivered`,
      });
    }
    return { type: "retry", afterMs: longRetryMs };
  }

  #keepTrigger(source: SourceKey): Settlement {
    const key = formatSourceKey(source);
    if (!this.#withoutTwin.has(key)) {
      this.#withoutTwin.add(key);
      this.#options.logger.warn("the inbox holds triggers of a receiver without a twin; they are kept", {
        source: key,
        hint: `set \`pull\` of [[push.${source.kind}]] name = "${source.name}" to the pull source to run`,
      });
    }
    return { type: "retry", afterMs: longRetryMs };
  }
}

/** One attempt to process a claimed item; all its log lines have this `runId` as `run_id`. */
interface ItemAttempt {
  readonly claimed: ClaimedItem;
  readonly linked: LinkedAbort;
  readonly runId: string;
}

/** How log lines name an item: the provider's id of the event, the inbox's key, and the attempt. */
function namesOf({ claimed: { item, key }, runId }: ItemAttempt): Readonly<Record<string, string | undefined>> {
  return {
    source: formatSourceKey(item.source),
    event_id: item.type === "event" ? item.id : undefined,
    item: key,
    run_id: runId,
  };
}

function waitOf(settlement: Settlement): { readonly next_attempt_in_ms?: number } {
  return settlement.type === "retry" ? { next_attempt_in_ms: settlement.afterMs } : {};
}

async function* pageOf(episodes: readonly Episode[]): AsyncGenerator<Page, void> {
  yield { episodes };
}

function mappingTimedOut(source: SourceKey): ConnectorsError {
  return new ConnectorsError({
    code: "PUSH_MAPPING_TIMEOUT",
    message: `mapping an event of ${formatSourceKey(source)} yielded no page within ${pageTimeoutMs / 1000} s`,
    hint: "look at the connector's warnings: the provider that it calls may be slow",
    retryable: true,
  });
}
