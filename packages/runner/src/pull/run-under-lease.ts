import { type Clock, isConnectorsError, type Logger } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import type { Delivery } from "../delivery/delivery.ts";
import type { BuryItem } from "../pages/bury-failures.ts";
import { logItemsBuried } from "../pages/log-items-buried.ts";
import { orAborted } from "../pages/or-aborted.ts";
import { toRunId } from "../run-id.ts";
import { isShared } from "../state/is-shared.ts";
import type { ScheduledSource } from "./scheduled-source.ts";
import { deliverUnlessDown } from "./deliver-unless-down.ts";
import { FirstReads } from "./first-reads.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { logProgress, logRun } from "./log-run.ts";
import { resumeAfterErrorMs, untilNextDueMs } from "./plan-resume.ts";
import { previewPull } from "./preview-pull.ts";
import type { PullObserver } from "./pull-observer.ts";
import { runPull, type RunOutcome } from "./run-pull.ts";
import type { ScheduleClock } from "./schedule-clock.ts";

/** When a tick is asked for again of which it is not known whether the store heard the last word. */
export const storeRetryMs = 2_000;

export interface TickDeskOptions {
  readonly store: CursorStore;
  readonly keeper: LeaseKeeper;
  readonly delivery: Pick<Delivery, "deliver" | "state" | "onStateChange">;
  readonly buryItem: BuryItem;
  readonly clock: Clock;
  /** By which dues are met. */
  readonly schedule: ScheduleClock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly observer: PullObserver;
  readonly syncTimeoutMs: number;
  /** Aborts every tick. */
  readonly signal: AbortSignal;
  /** Whether ticks are to end at their next checkpoint. */
  readonly isStopping: () => boolean;
  /** Awaited before each checkpoint; never rejects. */
  readonly beforeCheckpoint?: ((lease: Lease) => Promise<void>) | undefined;
}

/** Runs a source's tick under its lease, releases the lease, and notes what is to be asked for next. */
export class TickDesk {
  readonly #options: TickDeskOptions;
  readonly #firstReads: FirstReads;

  constructor(options: TickDeskOptions) {
    this.#options = options;
    this.#firstReads = new FirstReads({ records: options.store.records, logger: options.logger });
  }

  async run(source: ScheduledSource, lease: Lease, requestedAtMs: number): Promise<void> {
    const { store, keeper, delivery, clock, logger, observer, syncTimeoutMs, signal, isStopping } = this.#options;
    const run = { source: source.pull.key, runId: toRunId(this.#options.random) };
    const walks = source.walks.splice(0);
    const hold = keeper.hold(lease, requestedAtMs);
    const tickSignal = AbortSignal.any([hold.signal, signal]);
    const isFirstRead = source.pull.isTwin && (await this.#isFirstRead(lease, tickSignal));
    const outcome = await runPull({
      pull: source.pull,
      lease,
      checkpoint: async (held, cursor) => {
        await this.#options.beforeCheckpoint?.(held);
        return store.checkpoint(held, cursor);
      },
      // Where no other process can run the tick, it waits for the sink.
      deliver: (request) => (isShared(store) ? deliverUnlessDown(delivery, request) : delivery.deliver(request)),
      buryItem: this.#options.buryItem,
      asksFresh: source.pull.isTwin && !isFirstRead,
      runId: run.runId,
      isSuspect: source.isSuspect,
      onItemsBuried: (failures) => logItemsBuried(logger, run, failures),
      clock,
      syncTimeoutMs,
      observer,
      signal: tickSignal,
      stopping: isStopping,
      onStep: (progress) => {
        for (const walk of walks) walk.onProgress?.(progress);
      },
      onLongRun: (progress, runningMs) => logProgress(logger, run, progress, runningMs),
    });
    source.isUnfinished = outcome.type !== "done";
    source.isSuspect = outcome.type === "failed" && isConnectorsError(outcome.error, "PULL_MAPPING_BROKEN");
    if (isFirstRead && outcome.type === "done")
      await orAborted(this.#firstReads.finish(lease.source), tickSignal).catch(() => undefined);
    hold.releasing();
    try {
      await this.#release(source, lease, outcome);
    } catch (error) {
      logger.warn("releasing a lease failed; it lapses by itself", {
        source: formatSourceKey(lease.source),
        run_id: run.runId,
        error,
      });
      this.#askForRest(source, lease, storeRetryMs);
    } finally {
      hold.letGo();
    }
    logRun(logger, run, outcome, source.failures);
    for (const walk of walks) walk.resolve(outcome);
  }

  /** A store that hangs delays this by no more than the lease: the run that follows ends by the same signal. */
  #isFirstRead(lease: Lease, signal: AbortSignal): Promise<boolean> {
    return orAborted(this.#firstReads.begin(lease), signal).catch(() => true);
  }

  /** A dry run in place of a tick. */
  async preview(source: ScheduledSource): Promise<void> {
    const { store, clock, random, logger, syncTimeoutMs, observer, signal } = this.#options;
    source.ask = undefined;
    const walks = source.walks.splice(0);
    const { pull } = source;
    const outcome = await previewPull({ pull, store, clock, syncTimeoutMs, signal, observer, onEpisode: () => undefined });
    logRun(logger, { source: pull.key, runId: toRunId(random) }, outcome, source.failures);
    for (const walk of walks) walk.resolve(outcome);
  }

  async #release(source: ScheduledSource, lease: Lease, outcome: RunOutcome): Promise<void> {
    const { store, isStopping } = this.#options;
    if (outcome.type === "done") {
      source.failures = 0;
      await store.release(lease, { type: "done" });
      source.finishedDueMs = lease.dueMs ?? source.finishedDueMs;
      return;
    }
    if (outcome.type === "failed" && isConnectorsError(outcome.error, "STORE_LEASE_LOST")) {
      // Nobody else may have taken over: while the store was away, nobody could.
      this.#askForRest(source, lease, storeRetryMs);
      return;
    }
    const resumeInMs = this.#resumeInMs(source, outcome);
    if (outcome.type === "failed" && !isStopping()) source.failures += 1;
    this.#askForRest(source, lease, resumeInMs);
    await store.release(lease, { type: "unfinished", resumeInMs });
  }

  /** A tick that is not known to be finished is asked for again, however rare its schedule; the store says when it is free. */
  #askForRest(source: ScheduledSource, { dueMs }: Lease, inMs: number): void {
    if (dueMs === undefined || this.#options.isStopping()) return;
    const atMs = this.#options.schedule.now() + inMs;
    source.ask ??= { atMs, waitMs: inMs, sinceMs: atMs, dueMs, catchUp: false };
  }

  #resumeInMs({ nextDueMs: scheduledMs, failures }: ScheduledSource, outcome: RunOutcome): number {
    const { clock, schedule, random, isStopping } = this.#options;
    if (isStopping()) return 0;
    const nowMs = clock.now();
    // A provider's time is on this machine's clock.
    const nextDueMs = scheduledMs === undefined ? undefined : scheduledMs - schedule.correctionMs;
    if (outcome.type === "failed") return resumeAfterErrorMs({ error: outcome.error, failures, nowMs, nextDueMs, random });
    return untilNextDueMs({ nowMs, nextDueMs });
  }
}
