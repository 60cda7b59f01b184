import type { OutboundEpisode, SendResult } from "@statewave-connectors/connector-sdk/host";
import { BatchOutcomes, type EpisodeGroup, type RejectPending } from "./batch-outcomes.ts";
import { DeliveryQueue } from "./delivery-queue.ts";
import type { PendingRequest, QueuedEpisode } from "./delivery-request.ts";
import type { DeliveryOptions, DeliveryStats } from "./delivery-options.ts";
import { inLockOrder } from "./lock-order.ts";
import { runIdsOf } from "../run-id.ts";
import { tracedBatch } from "../telemetry/traced-batch.ts";
import { Reachability } from "./reachability.ts";
import { SinkHealth } from "./sink-health.ts";

/** Decides which batch leaves when, and sends it. */
export class Dispatcher {
  readonly health: SinkHealth;
  readonly #options: DeliveryOptions;
  readonly #queue: DeliveryQueue;
  readonly #outcomes: BatchOutcomes;
  readonly #reachability: Reachability | undefined;
  readonly #aborter = new AbortController();
  #inFlight = 0;
  /** Fresh and retried episodes take turns. */
  #retriedLast = false;
  #lingerUntilMs = 0;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #cancelWake: () => void = () => undefined;
  #turnScheduled = false;
  /** The latest time seen, to notice a clock that is set back. */
  #seenMs = 0;

  constructor(options: DeliveryOptions, rejectPending: RejectPending) {
    this.#options = options;
    const { sink, clock, random, logger, maxInFlight, waitingEvents } = options;
    const limits = { maxItems: sink.maxBatchItems, maxBytes: sink.maxBatchBytes };
    this.#queue = new DeliveryQueue(limits, (sourceKey) => this.#outcomes.isIsolated(sourceKey));
    const backlog = () => {
      const { freshCount, retryCount } = this.#queue;
      return { untried: freshCount, tried: retryCount + this.#inFlight, queued: freshCount + retryCount };
    };
    const { description } = sink;
    this.health = new SinkHealth({ clock, random, logger, maxInFlight, backlog, description, waitingEvents });
    this.#reachability = this.#watchReachability();
    this.#outcomes = new BatchOutcomes({
      ...options,
      queue: this.#queue,
      health: this.health,
      reachability: this.#reachability,
      rejectPending,
    });
  }

  enqueue(pending: PendingRequest): void {
    if (this.#queue.freshCount === 0) this.#lingerUntilMs = this.#options.clock.now() + this.#options.lingerMs;
    this.#queue.add(pending);
    this.health.refresh();
    this.#scheduleTurn();
  }

  /** Tries a sink again that refused its configuration. */
  tryNow(): void {
    this.health.tryNow();
    this.#scheduleTurn();
  }

  /** Forgets what no caller waits for any more; what is in flight is let go. */
  dropSettled(): void {
    this.#outcomes.dropSettled();
  }

  pausedUntilMs(sourceKey: string): number | undefined {
    return this.#outcomes.pausedUntilMs(sourceKey);
  }

  stats(): DeliveryStats {
    return {
      queuedEpisodes: this.#queue.freshCount + this.#queue.retryCount,
      inFlightRequests: this.#inFlight,
      acceptedEpisodes: this.#outcomes.accepted,
      buriedEpisodes: this.#outcomes.buried,
    };
  }

  /** Sends nothing more, gives up what is in flight, and leaves no timer behind. */
  close(): void {
    this.#aborter.abort();
    this.#cancelWake();
    this.health.close();
    this.#reachability?.close();
    this.#outcomes.close();
  }

  /** Undefined for a sink without a request that holds no episode. */
  #watchReachability(): Reachability | undefined {
    const { sink, clock, random } = this.#options;
    if (sink.isReachable === undefined) return undefined;
    return new Reachability({
      ask: async (signal) => (await sink.isReachable?.(signal)) === true,
      clock,
      random,
      onChange: (isReachable) => {
        this.health.reached(isReachable);
        this.#scheduleTurn();
      },
    });
  }

  /** Looks once per turn of the event loop: everything that arrives in one turn leaves together, without waiting for a timer. */
  #scheduleTurn(): void {
    if (this.#turnScheduled) return;
    this.#turnScheduled = true;
    setImmediate(() => {
      this.#turnScheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    if (this.#aborter.signal.aborted) return;
    const nowMs = this.#options.clock.now();
    this.#followClock(nowMs);
    this.health.refresh();
    while (this.#inFlight < this.health.maxInFlight && this.health.openAtMs <= nowMs) {
      const group = this.#next(nowMs);
      if (group === undefined) break;
      this.#dispatch(group);
    }
    this.#sleep(nowMs);
  }

  /** A clock that is set back by an hour must not lengthen a back-off of seconds by that hour: what waits moves along. */
  #followClock(nowMs: number): void {
    const backMs = this.#seenMs - nowMs;
    this.#seenMs = nowMs;
    if (backMs <= 0) return;
    this.health.moveBack(backMs);
    this.#queue.moveBack(backMs);
    this.#outcomes.moveBack(backMs);
    this.#lingerUntilMs -= backMs;
    this.#wakeAtMs -= backMs;
  }

  #next(nowMs: number): EpisodeGroup | undefined {
    const { status } = this.health.state;
    if (status === "stopped") return this.#outcomes.takeProbe();
    // While failing, what was never tried is the better probe: a poisoned group must not be the only one that is tried.
    const retryFirst = status !== "failing" && !this.#retriedLast;
    const retry = retryFirst ? this.#queue.takeRetry(nowMs) : undefined;
    const fresh = retry === undefined ? this.#takeFresh(nowMs) : undefined;
    this.#retriedLast = fresh === undefined;
    return retry ?? fresh ?? this.#queue.takeRetry(nowMs);
  }

  #takeFresh(nowMs: number): EpisodeGroup | undefined {
    const { freshCount } = this.#queue;
    const { sink } = this.#options;
    if (this.#inFlight > 0 && freshCount < sink.maxBatchItems && nowMs < this.#lingerUntilMs) return undefined;
    return this.#queue.takeFresh(this.#outcomes.accepted);
  }

  /** Wakes up for what only time brings: the end of a pause, of a back-off, of a group's rest, of the linger. */
  #sleep(nowMs: number): void {
    const wakeAtMs = this.#nextMomentMs(nowMs);
    if (wakeAtMs === this.#wakeAtMs) return;
    this.#cancelWake();
    this.#wakeAtMs = wakeAtMs;
    if (wakeAtMs === Number.POSITIVE_INFINITY) {
      this.#cancelWake = () => undefined;
      return;
    }
    this.#cancelWake = this.#options.clock.after(Math.max(1, wakeAtMs - nowMs), () => {
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#turn();
    });
  }

  #nextMomentMs(nowMs: number): number {
    const { openAtMs, maxInFlight } = this.health;
    if (openAtMs > nowMs) return openAtMs;
    // A slot that frees itself looks again by itself.
    if (this.#inFlight >= maxInFlight) return Number.POSITIVE_INFINITY;
    const retryAtMs = this.#queue.nextRetryAtMs() ?? Number.POSITIVE_INFINITY;
    return Math.min(retryAtMs, this.#queue.freshCount > 0 ? this.#lingerUntilMs : Number.POSITIVE_INFINITY);
  }

  #dispatch(group: EpisodeGroup): void {
    const reason = group.items.find(({ invalid }) => invalid !== undefined)?.invalid;
    if (reason === undefined) {
      this.#inFlight += 1;
      void this.#send(this.#options.sink.sortsBatches === true ? { ...group, items: inLockOrder(group.items) } : group);
      return;
    }
    const indexes = group.items.flatMap(({ invalid }, index) => (invalid === undefined ? [] : [index]));
    this.#outcomes.refused(group, { indexes, reason });
  }

  async #send(group: EpisodeGroup): Promise<void> {
    const { clock, observer } = this.#options;
    const startedAtMs = clock.now();
    const ended = this.#reachability?.sent();
    const result = await this.#callSink(group.items);
    ended?.();
    this.#inFlight -= 1;
    if (this.#aborter.signal.aborted) return;
    observer?.batchSettled?.({ type: result.type, items: group.items.length, durationMs: clock.now() - startedAtMs });
    this.#outcomes.settle(group, result);
    // Callers that continue at once share the next batch; the timers do not wait for them.
    this.#sleep(clock.now());
    this.#scheduleTurn();
  }

  /** Traced below the one delivery that all episodes are of, else linked to each. */
  #callSink(batch: readonly QueuedEpisode[]): Promise<SendResult> {
    const { telemetry } = this.#options;
    return telemetry === undefined ? this.#sendTo(batch) : tracedBatch(telemetry, batch, () => this.#sendTo(batch));
  }

  async #sendTo(batch: readonly OutboundEpisode[]): Promise<SendResult> {
    try {
      return await this.#options.sink.send(batch, this.#aborter.signal);
    } catch (error) {
      // A sink must not throw, and the batch may be the cause. `/readyz` shows the reason, so the text of the error goes to the log only.
      this.#options.logger.error("the sink threw", { run_ids: runIdsOf(batch), error });
      return { type: "failed", reason: "the sink threw; the log has the error", suspect: true };
    }
  }
}
