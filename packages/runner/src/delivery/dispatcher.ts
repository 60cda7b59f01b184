import type { OutboundEpisode, SendResult } from "@statewave-connectors/connector-sdk/host";
import { type BatchGroup, freshGroup, narrowRefused, planFailed } from "./batch-group.ts";
import { buryFailedError, pausedError, stoppedError } from "./delivery-errors.ts";
import { DeliveryQueue } from "./delivery-queue.ts";
import type { PendingRequest, QueuedEpisode } from "./delivery-request.ts";
import type { DeliveryOptions, DeliveryStats } from "./delivery-options.ts";
import { inLockOrder } from "./lock-order.ts";
import { runIdsOf } from "../run-id.ts";
import { PausedSources } from "./paused-sources.ts";
import { Reachability } from "./reachability.ts";
import { SinkHealth } from "./sink-health.ts";
import { SourceConduct } from "./source-conduct.ts";

type Group = BatchGroup<QueuedEpisode>;

/** Why episodes are refused: by the sink, or before they are sent. */
type Refusal = Pick<Extract<SendResult, { type: "refused" }>, "indexes" | "reason" | "requestId">;

interface Burial extends Omit<Refusal, "indexes"> {
  readonly cause: "refused" | "failing";
}

/** Rejects the requests under way: of one source, or all. */
type RejectPending = (error: unknown, sourceKey?: string) => void;

/** Decides which batch leaves when, sends it, and acts on what the sink says of it. */
export class Dispatcher {
  readonly health: SinkHealth;
  readonly #options: DeliveryOptions;
  readonly #rejectPending: RejectPending;
  readonly #queue: DeliveryQueue;
  readonly #conduct = new Map<string, SourceConduct>();
  readonly #pausedSources: PausedSources;
  readonly #reachability: Reachability | undefined;
  readonly #aborter = new AbortController();
  #inFlight = 0;
  #accepted = 0;
  #buried = 0;
  /** The batch that a stopped sink is tried with. Its callers are gone; its keys make it harmless. */
  #probe: Group | undefined;
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
    this.#rejectPending = rejectPending;
    const { sink, clock, random, logger, maxInFlight, waitingEvents } = options;
    const limits = { maxItems: sink.maxBatchItems, maxBytes: sink.maxBatchBytes };
    this.#queue = new DeliveryQueue(limits, (sourceKey) => this.#conduct.get(sourceKey)?.solitary ?? false);
    const backlog = () => {
      const { freshCount, retryCount } = this.#queue;
      return { untried: freshCount, tried: retryCount + this.#inFlight, queued: freshCount + retryCount };
    };
    const { description } = sink;
    this.#pausedSources = new PausedSources({ clock, logger, waitingEvents });
    this.health = new SinkHealth({ clock, random, logger, maxInFlight, backlog, description, waitingEvents });
    this.#reachability = this.#watchReachability();
  }

  enqueue(pending: PendingRequest): void {
    if (this.#queue.freshCount === 0) this.#lingerUntilMs = this.#options.clock.now() + this.#options.lingerMs;
    this.#queue.add(pending);
    this.health.refresh();
    this.#scheduleTurn();
  }

  /** Forgets what nobody waits for any more; what is in flight is let go. */
  dropSettled(): void {
    this.#queue.dropSettled();
    this.health.refresh();
  }

  pausedUntilMs(sourceKey: string): number | undefined {
    return this.#conduct.get(sourceKey)?.pausedUntilMs(this.#options.clock.now());
  }

  stats(): DeliveryStats {
    return {
      queuedEpisodes: this.#queue.freshCount + this.#queue.retryCount,
      inFlightRequests: this.#inFlight,
      acceptedEpisodes: this.#accepted,
      buriedEpisodes: this.#buried,
    };
  }

  /** Sends nothing more, gives up what is in flight, and leaves no timer behind. */
  close(): void {
    this.#aborter.abort();
    this.#cancelWake();
    this.health.close();
    this.#reachability?.close();
    this.#pausedSources.close();
  }

  /** Undefined for a sink that cannot be asked. */
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
    for (const conduct of this.#conduct.values()) conduct.moveBack(backMs);
    this.#lingerUntilMs -= backMs;
    this.#wakeAtMs -= backMs;
  }

  #next(nowMs: number): Group | undefined {
    const { status } = this.health.state;
    if (status === "stopped") {
      const probe = this.#probe;
      this.#probe = undefined;
      return probe;
    }
    // While failing, what was never tried is the better probe: a poisoned group must not be the only one that is asked.
    const retryFirst = status !== "failing" && !this.#retriedLast;
    const retry = retryFirst ? this.#queue.takeRetry(nowMs) : undefined;
    const fresh = retry === undefined ? this.#takeFresh(nowMs) : undefined;
    this.#retriedLast = fresh === undefined;
    return retry ?? fresh ?? this.#queue.takeRetry(nowMs);
  }

  #takeFresh(nowMs: number): Group | undefined {
    const { freshCount } = this.#queue;
    const { sink } = this.#options;
    if (this.#inFlight > 0 && freshCount < sink.maxBatchItems && nowMs < this.#lingerUntilMs) return undefined;
    return this.#queue.takeFresh(this.#accepted);
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

  #dispatch(group: Group): void {
    const invalid = group.items.flatMap((item, index) => (item.invalid === undefined ? [] : [index]));
    if (invalid.length === 0) {
      this.#inFlight += 1;
      void this.#send(this.#options.sink.sortsBatches === true ? { ...group, items: inLockOrder(group.items) } : group);
      return;
    }
    this.#refused(group, { indexes: invalid, reason: group.items[invalid[0]!]!.invalid! });
  }

  async #send(group: Group): Promise<void> {
    const { clock, observer } = this.#options;
    const startedAtMs = clock.now();
    const ended = this.#reachability?.sent();
    const result = await this.#ask(group.items);
    ended?.();
    this.#inFlight -= 1;
    if (this.#aborter.signal.aborted) return;
    observer?.batchSettled?.({ type: result.type, items: group.items.length, durationMs: clock.now() - startedAtMs });
    this.#settle(group, result);
    // Callers that go on at once shall share the next batch; the timers do not wait for them.
    this.#sleep(clock.now());
    this.#scheduleTurn();
  }

  async #ask(batch: readonly OutboundEpisode[]): Promise<SendResult> {
    try {
      return await this.#options.sink.send(batch, this.#aborter.signal);
    } catch (error) {
      // A sink must not throw, and the batch may be the cause. `/readyz` shows the reason, so the text of the error goes to the log only.
      this.#options.logger.error("the sink threw", { run_ids: runIdsOf(batch), error });
      return { type: "failed", reason: "the sink threw; the log has the error", suspect: true };
    }
  }

  #settle(group: Group, result: SendResult): void {
    // Stopped meanwhile by another batch: nobody waits for this one any more, and it says less than that.
    if (this.#probe !== undefined && result.type === "failed") return;
    this.#probe = undefined;
    if (result.type !== "failed") this.#reachability?.answered();
    switch (result.type) {
      case "accepted":
        this.#acceptedGroup(group);
        if (result.fresh !== undefined) this.#tellHealed(group, result.fresh);
        break;
      case "refused":
        this.health.answered();
        this.#refused(group, result);
        break;
      case "limited":
        this.#requeue(group);
        this.health.limited(result.retryAfterMs);
        break;
      case "failed":
        this.#failed(group, result);
        break;
      case "stopped":
        this.#probe = freshGroup(group.items, this.#accepted);
        this.health.stopped(result);
        this.#rejectPending(stoppedError(this.health.state));
        this.dropSettled();
        break;
    }
  }

  #acceptedGroup({ items }: Group): void {
    this.#accepted += items.length;
    this.health.answered();
    if (this.#conduct.size > 0) {
      const sourceKeys = new Set(items.map(({ request }) => request.sourceKey));
      for (const sourceKey of sourceKeys) {
        this.#conduct.get(sourceKey)?.batchAccepted();
        this.#pausedSources.accepted(sourceKey);
      }
    }
    this.#observeAccepted(items);
    for (const { request } of items) request.countDelivered();
  }

  #observeAccepted(items: readonly QueuedEpisode[]): void {
    const { observer } = this.#options;
    if (observer?.accepted === undefined) return;
    const counts = new Map<string, { source: QueuedEpisode["source"]; count: number }>();
    for (const { request, source } of items) {
      const known = counts.get(request.sourceKey);
      if (known === undefined) counts.set(request.sourceKey, { source, count: 1 });
      else known.count += 1;
    }
    for (const accepted of counts.values()) observer.accepted(accepted);
  }

  #tellHealed({ items }: Group, fresh: readonly boolean[]): void {
    const healed = items.filter(({ asksFresh }, index) => asksFresh && fresh[index] === true);
    for (const group of Map.groupBy(healed, ({ request }) => request.sourceKey).values()) {
      this.#options.observer?.healed?.({ source: group[0]!.source, count: group.length });
    }
  }

  #refused(group: Group, refusal: Refusal): void {
    const { indexes } = refusal;
    const [only, ...others] = group.items;
    if (only !== undefined && others.length === 0) {
      this.#refusedAlone(only, refusal);
      return;
    }
    for (const index of indexes ?? []) {
      const item = group.items[index];
      if (item !== undefined) this.#conductOf(item).suspected();
    }
    for (const part of narrowRefused(group, indexes)) this.#requeue(part);
  }

  #refusedAlone(item: QueuedEpisode, { reason, requestId }: Refusal): void {
    if (item.request.settled) return;
    const { clock } = this.#options;
    const conduct = this.#conductOf(item);
    const pauses = conduct.itemRefused(clock.now());
    this.#bury(item, { reason, requestId, cause: "refused" });
    const untilMs = pauses ? conduct.pausedUntilMs(clock.now()) : undefined;
    if (untilMs === undefined) return;
    this.#pausedSources.paused(item.source, untilMs, reason);
    this.#rejectPending(pausedError(item.source, untilMs), item.request.sourceKey);
    this.dropSettled();
  }

  #failed(group: Group, result: Extract<SendResult, { type: "failed" }>): void {
    const { reason, suspect, requestId } = result;
    const { clock, random } = this.#options;
    const plan = planFailed(group, { suspect, acceptedNow: this.#accepted, nowMs: clock.now(), random });
    for (const part of plan.groups) this.#requeue(part);
    if (!plan.sinkWorks) {
      this.health.failed(result);
      this.#reachability?.batchFailed();
    } else if (plan.groups.length > 0) this.#reportFailure(group, result);
    const [only] = group.items;
    if (plan.groups.length === 0 && only !== undefined && !only.request.settled) {
      this.#bury(only, { reason: `${reason}, over and over while others were accepted`, requestId, cause: "failing" });
    }
  }

  /** Others passed. Of a first failure that is not certain: they may have been answered before an outage that begins with it. */
  #reportFailure({ items, strikes }: Group, { reason, requestId }: Extract<SendResult, { type: "failed" }>): void {
    if (strikes === 0) return;
    const { logger } = this.#options;
    const facts = { reason, request_id: requestId, run_ids: runIdsOf(items) };
    const [only, ...others] = items;
    if (others.length > 0)
      logger.warn("a batch fails while others pass; it is narrowed and tried again", { ...facts, items: items.length });
    else if (only !== undefined)
      logger.warn("an episode fails while others pass; it is tried again", { ...facts, ...namesOf(only) });
  }

  #requeue(group: Group): void {
    const items = group.items.filter(({ request }) => !request.settled);
    if (items.length > 0) this.#queue.addRetry({ ...group, items });
  }

  #bury(item: QueuedEpisode, burial: Burial): void {
    this.#keep(item, burial.reason).then(
      () => this.#buriedOne(item, burial),
      (error: unknown) => {
        item.request.reject(buryFailedError("an episode that cannot be delivered", error));
        this.dropSettled();
      },
    );
  }

  async #keep({ source, received }: QueuedEpisode, reason: string): Promise<void> {
    await this.#options.bury(source, received, reason);
  }

  #buriedOne(item: QueuedEpisode, { reason, requestId, cause }: Burial): void {
    const { logger, observer } = this.#options;
    this.#buried += 1;
    logger.warn("an episode that cannot be delivered is kept as a dead letter", {
      ...namesOf(item),
      reason,
      run_id: item.runId,
      request_id: requestId,
    });
    const { source, runId, episode } = item;
    observer?.buried?.({ source, runId, kind: episode.kind, idempotencyKey: episode.idempotency_key, cause, reason });
    item.request.countBuried();
  }

  #conductOf({ request }: QueuedEpisode): SourceConduct {
    let conduct = this.#conduct.get(request.sourceKey);
    if (conduct === undefined) {
      conduct = new SourceConduct();
      this.#conduct.set(request.sourceKey, conduct);
    }
    return conduct;
  }
}

/** What an episode is called in a log line. */
function namesOf({ episode, request }: QueuedEpisode): Readonly<Record<string, string>> {
  return { source: request.sourceKey, kind: episode.kind, idempotency_key: episode.idempotency_key };
}
