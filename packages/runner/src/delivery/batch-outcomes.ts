import type { SendResult } from "@statewave-connectors/connector-sdk/host";
import { runIdsOf } from "../run-id.ts";
import { type BatchGroup, freshGroup, narrowRefused, planFailed } from "./batch-group.ts";
import { buryFailedError, pausedError, stoppedError } from "./delivery-errors.ts";
import type { DeliveryOptions } from "./delivery-options.ts";
import type { DeliveryQueue } from "./delivery-queue.ts";
import type { QueuedEpisode } from "./delivery-request.ts";
import { PausedSources } from "./paused-sources.ts";
import type { Reachability } from "./reachability.ts";
import type { SinkHealth } from "./sink-health.ts";
import { SourceRefusals } from "./source-refusals.ts";

/** A batch of episodes on its way. */
export type EpisodeGroup = BatchGroup<QueuedEpisode>;

/** Why episodes are refused: by the sink, or before they are sent. */
type BatchRefusal = Pick<Extract<SendResult, { type: "refused" }>, "indexes" | "reason" | "requestId">;

interface Burial extends Omit<BatchRefusal, "indexes"> {
  readonly cause: "refused" | "failing";
}

/** Rejects the requests under way: of one source, or all. */
export type RejectPending = (error: unknown, sourceKey?: string) => void;

export interface BatchOutcomesOptions extends Pick<
  DeliveryOptions,
  "bury" | "clock" | "random" | "logger" | "observer" | "waitingEvents"
> {
  readonly queue: DeliveryQueue;
  readonly health: SinkHealth;
  /** Undefined for a sink without a request that holds no episode. */
  readonly reachability: Reachability | undefined;
  readonly rejectPending: RejectPending;
}

/** Acts on what the sink says of a batch: counts, narrows, requeues or buries its episodes, and follows how each source fares. */
export class BatchOutcomes {
  readonly #options: BatchOutcomesOptions;
  readonly #refusals = new Map<string, SourceRefusals>();
  readonly #pausedSources: PausedSources;
  #accepted = 0;
  #buried = 0;
  /** The batch that a stopped sink is tried with. Its callers are gone; its keys make it harmless. */
  #probe: EpisodeGroup | undefined;

  constructor(options: BatchOutcomesOptions) {
    this.#options = options;
    this.#pausedSources = new PausedSources(options);
  }

  /** Episodes accepted so far. */
  get accepted(): number {
    return this.#accepted;
  }

  get buried(): number {
    return this.#buried;
  }

  /** Whether a source is sent in batches of its own. */
  isIsolated(sourceKey: string): boolean {
    return this.#refusals.get(sourceKey)?.isIsolated ?? false;
  }

  pausedUntilMs(sourceKey: string): number | undefined {
    return this.#refusals.get(sourceKey)?.pausedUntilMs(this.#options.clock.now());
  }

  takeProbe(): EpisodeGroup | undefined {
    const probe = this.#probe;
    this.#probe = undefined;
    return probe;
  }

  /** Forgets what no caller waits for any more; what is in flight is let go. */
  dropSettled(): void {
    const { queue, health } = this.#options;
    queue.dropSettled();
    health.refresh();
  }

  /** The clock was set back by so much. */
  moveBack(byMs: number): void {
    for (const refusals of this.#refusals.values()) refusals.moveBack(byMs);
  }

  close(): void {
    this.#pausedSources.close();
  }

  /** A batch came back from the sink. */
  settle(group: EpisodeGroup, result: SendResult): void {
    // Stopped meanwhile by another batch: no caller waits for this one any more, and it says less than that.
    if (this.#probe !== undefined && result.type === "failed") return;
    this.#probe = undefined;
    if (result.type !== "failed") this.#options.reachability?.answered();
    switch (result.type) {
      case "accepted":
        this.#acceptedGroup(group);
        if (result.fresh !== undefined) this.#observeHealed(group, result.fresh);
        break;
      case "refused":
        this.#options.health.answered();
        this.refused(group, result);
        break;
      case "limited":
        this.#requeue(group);
        this.#options.health.limited(result.retryAfterMs, runIdsOf(group.items));
        break;
      case "failed":
        this.#failed(group, result);
        break;
      case "stopped":
        this.#probe = freshGroup(group.items, this.#accepted);
        this.#options.health.stopped(result, runIdsOf(group.items));
        this.#options.rejectPending(stoppedError(this.#options.health.state));
        this.dropSettled();
        break;
    }
  }

  #acceptedGroup({ items }: EpisodeGroup): void {
    this.#accepted += items.length;
    this.#options.health.answered();
    if (this.#refusals.size > 0) {
      const sourceKeys = new Set(items.map(({ request }) => request.sourceKey));
      for (const sourceKey of sourceKeys) {
        this.#refusals.get(sourceKey)?.batchAccepted();
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

  #observeHealed({ items }: EpisodeGroup, fresh: readonly boolean[]): void {
    const healed = items.filter(({ wantsFresh }, index) => wantsFresh && fresh[index] === true);
    for (const group of Map.groupBy(healed, ({ request }) => request.sourceKey).values()) {
      this.#options.observer?.healed?.({ source: group[0]!.source, count: group.length });
    }
  }

  /** Episodes of a batch are refused, by the sink or before they are sent. */
  refused(group: EpisodeGroup, refusal: BatchRefusal): void {
    const { indexes } = refusal;
    const [only, ...others] = group.items;
    if (only !== undefined && others.length === 0) {
      this.#refusedAlone(only, refusal);
      return;
    }
    for (const index of indexes ?? []) {
      const item = group.items[index];
      if (item !== undefined) this.#refusalsOf(item).isolate();
    }
    for (const part of narrowRefused(group, indexes)) this.#requeue(part);
  }

  #refusedAlone(item: QueuedEpisode, { reason, requestId }: BatchRefusal): void {
    if (item.request.settled) return;
    const { clock } = this.#options;
    const refusals = this.#refusalsOf(item);
    const pauses = refusals.itemRefused(clock.now());
    this.#bury(item, { reason, requestId, cause: "refused" });
    const untilMs = pauses ? refusals.pausedUntilMs(clock.now()) : undefined;
    if (untilMs === undefined) return;
    this.#pausedSources.paused(item, untilMs, reason);
    this.#options.rejectPending(pausedError(item.source, untilMs), item.request.sourceKey);
    this.dropSettled();
  }

  #failed(group: EpisodeGroup, result: Extract<SendResult, { type: "failed" }>): void {
    const { reason, suspect, requestId } = result;
    const { clock, random } = this.#options;
    const plan = planFailed(group, { suspect, acceptedNow: this.#accepted, nowMs: clock.now(), random });
    for (const part of plan.groups) this.#requeue(part);
    if (!plan.sinkWorks) {
      this.#options.health.failed(result, runIdsOf(group.items));
      this.#options.reachability?.batchFailed();
    } else if (plan.groups.length > 0) this.#reportFailure(group, result);
    const [only] = group.items;
    if (plan.groups.length === 0 && only !== undefined && !only.request.settled) {
      this.#bury(only, { reason: `${reason}, over and over while others were accepted`, requestId, cause: "failing" });
    }
  }

  /** Others passed. Of a first failure that is not certain: they may have been answered before an outage that begins with it. */
  #reportFailure({ items, strikes }: EpisodeGroup, { reason, requestId }: Extract<SendResult, { type: "failed" }>): void {
    if (strikes === 0) return;
    const { logger } = this.#options;
    const facts = { reason, request_id: requestId, run_ids: runIdsOf(items) };
    const [only, ...others] = items;
    if (others.length > 0)
      logger.warn("a batch fails while others pass; it is narrowed and tried again", { ...facts, items: items.length });
    else if (only !== undefined)
      logger.warn("an episode fails while others pass; it is tried again", { ...facts, ...namesOf(only) });
  }

  #requeue(group: EpisodeGroup): void {
    const items = group.items.filter(({ request }) => !request.settled);
    if (items.length > 0) this.#options.queue.addRetry({ ...group, items });
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

  #refusalsOf({ request }: QueuedEpisode): SourceRefusals {
    let refusals = this.#refusals.get(request.sourceKey);
    if (refusals === undefined) {
      refusals = new SourceRefusals();
      this.#refusals.set(request.sourceKey, refusals);
    }
    return refusals;
  }
}

/** What an episode is called in a log line. */
function namesOf({ episode, request }: QueuedEpisode): Readonly<Record<string, string>> {
  return { source: request.sourceKey, kind: episode.kind, idempotency_key: episode.idempotency_key };
}
