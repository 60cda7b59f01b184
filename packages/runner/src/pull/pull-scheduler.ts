import { type Clock, isConnectorsError, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type CursorStore, type Lease, longestLeaseMs, type SourceState } from "@statewave-connectors/connector-sdk/store";
import type { Delivery } from "../delivery/delivery.ts";
import type { CursorHistory } from "../history/cursor-history.ts";
import type { PullSnapshot } from "../metrics/source-gauges.ts";
import type { BuryFailedItem } from "../pages/bury-failures.ts";
import { orAborted } from "../deadline/or-aborted.ts";
import { DueCalendar } from "./due-calendar.ts";
import { Readings } from "../progress/readings.ts";
import { FirstSyncs } from "./first-syncs.ts";
import { type LeaseGrant, LeaseClaims } from "./lease-claims.ts";
import { defaultLeaseTtlMs, LeaseKeeper } from "./lease-keeper.ts";
import { LeaseQueue } from "./lease-queue.ts";
import { FutureTimes } from "./future-times.ts";
import type { OpenedPull } from "./opened-pull.ts";
import { previewSource } from "./preview-source.ts";
import type { Progress } from "./progress.ts";
import { pausedByOperator, stoppingError, unknownSource } from "./pull-errors.ts";
import type { PullObserver } from "./pull-observer.ts";
import type { RunOutcome } from "./run-pull.ts";
import type { RunListener } from "./run-listener.ts";
import { type RunContext, runUnderLease } from "./run-under-lease.ts";
import { ScheduleClock } from "./schedule-clock.ts";
import { ScheduleIntervals } from "./schedule-intervals.ts";
import type { RequestedRun, RunRequest, ScheduledSource } from "./scheduled-source.ts";
import { SourceRoster } from "./source-roster.ts";
import { strayStarts } from "./stray-starts.ts";

export interface PullSchedulerOptions {
  readonly pulls: readonly OpenedPull[];
  readonly store: CursorStore;
  readonly delivery: Pick<Delivery, "deliver" | "state" | "onStateChange" | "pausedUntilMs">;
  readonly buryFailedItem: BuryFailedItem;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly observer: PullObserver;
  readonly runs?: RunListener | undefined;
  readonly recorder?: RunContext["recorder"];
  readonly telemetry?: RunContext["telemetry"];
  /** Unique per process. */
  readonly owner: string;
  readonly maxConcurrentSyncs: number;
  readonly syncTimeoutMs: number;
  /** Default 30 s. */
  readonly leaseTtlMs?: number | undefined;
  /** See `RunContext`. */
  readonly history?: Pick<CursorHistory, "add"> | undefined;
  /** See `RunContext`. */
  readonly beforeCheckpoint?: ((lease: Lease) => Promise<void>) | undefined;
}

/**
 * Runs each pull source when it is due: claims the due, runs the source under its lease, releases the lease.
 * A source never overlaps itself. A run that waits for a slot or for the sink holds no lease.
 */
export class PullScheduler {
  readonly #options: PullSchedulerOptions;
  readonly #schedule: ScheduleClock;
  readonly #futureTimes: FutureTimes;
  readonly #keeper: LeaseKeeper;
  readonly #calendar: DueCalendar;
  readonly #queue: LeaseQueue;
  readonly #context: RunContext;
  readonly #sources: SourceRoster;
  readonly #intervals = new ScheduleIntervals();
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #started = false;
  #stopping = false;
  #unsubscribe: (() => void) | undefined;

  constructor(options: PullSchedulerOptions) {
    this.#options = options;
    const { clock, logger, store, delivery } = options;
    const leaseTtlMs = Math.min(options.leaseTtlMs ?? defaultLeaseTtlMs, longestLeaseMs);
    this.#schedule = new ScheduleClock({ clock, logger, onChange: () => this.#calendar.rescheduleAll() });
    this.#futureTimes = new FutureTimes(logger);
    this.#keeper = new LeaseKeeper({ ...options, leaseTtlMs });
    this.#calendar = new DueCalendar({
      ...options,
      clock: this.#schedule,
      enqueue: (sources) => this.#queue.add(sources),
      onClockSet: (byMs) => this.#clockSet(byMs),
    });
    const freeSlots = () => Math.max(0, options.maxConcurrentSyncs - this.#running.size);
    const claims = new LeaseClaims({
      ...options,
      schedule: this.#schedule,
      leaseTtlMs,
      freeSlots,
      putBack: (queued) => (this.#sources.has(queued.item) ? this.#queue.putBack(queued) : queued.item.becomeIdle()),
      onDryRun: (source) => this.#run(source, (requests) => previewSource(source, requests, this.#context)),
      onGranted: (source, grant) => this.#granted(source, grant),
      onIdle: (source) => this.#backToSchedule(source),
    });
    this.#queue = new LeaseQueue({
      ...options,
      clock: this.#schedule,
      freeSlots,
      isOpen: () => delivery.state.wantsMore,
      claim: (batch) => claims.claim(batch),
    });
    this.#context = {
      ...options,
      schedule: this.#schedule,
      keeper: this.#keeper,
      firstSyncs: new FirstSyncs({ records: store.records, logger }),
      readings: new Readings({ records: store.records, clock, logger }),
      signal: this.#abort.signal,
      isStopping: () => this.#stopping,
    };
    this.#sources = new SourceRoster({
      pulls: options.pulls,
      schedule: this.#schedule,
      calendar: this.#calendar,
      queue: this.#queue,
      onRestToRead: (source) => void this.runForProgram(source).then(ignore, ignore),
    });
  }

  /** Arms every schedule. Nothing fires at once, except what the store remembers as unfinished or overdue. */
  async start(): Promise<void> {
    const { store, delivery } = this.#options;
    const states = new Map((await store.list()).map((state) => [formatSourceKey(state.source), state]));
    const nowMs = this.#schedule.now();
    this.#futureTimes.check([...states.values()], nowMs);
    const configured = Array.from(this.#sources.all, ({ pull }) => pull.key);
    for (const start of strayStarts([...states.values()], configured))
      this.#options.logger.warn("a start is stored for a source that is not configured", { ...start });
    for (const source of this.#sources.all) this.#calendar.arm(source, states.get(formatSourceKey(source.pull.key)), nowMs);
    this.#unsubscribe = delivery.onStateChange(() => this.#queue.pump());
    this.#started = true;
  }

  /** What is wrong with clocks, or with the times that one of them left in the store; undefined when nothing is. */
  get clockTrouble(): string | undefined {
    const sentences = [this.#schedule.sentence, this.#futureTimes.sentence].filter((sentence) => sentence !== undefined);
    return sentences.length === 0 ? undefined : sentences.join("; ");
  }

  get armed(): number {
    return this.#started && !this.#stopping ? this.#sources.size : 0;
  }

  /** Sources whose last run was not done when it ended, and those that wait for one. */
  get unfinished(): readonly SourceKey[] {
    return [...this.#sources.all].filter(({ isUnfinished }) => isUnfinished).map(({ pull }) => pull.key);
  }

  /** When the source is due next, epoch milliseconds. */
  nextDueMs(key: SourceKey): number | undefined {
    return this.#sources.get(key)?.nextDueMs;
  }

  /** Every source as it is at this moment, for metrics. */
  *snapshots(): Generator<PullSnapshot, void> {
    if (this.#stopping) return;
    for (const { pull, nextDueMs, stage } of this.#sources.all) {
      yield { source: pull.key, nextDueMs, intervalMs: this.#intervals.of(pull, nextDueMs), running: stage === "running" };
    }
  }

  /**
   * Adds a source, or has it continue with other options. A run under way ends at its next page, behind its checkpoint, and the rest is read
   * with the new options; resolves when these hold. `state`: what the store remembers of an added one.
   */
  put(pull: OpenedPull, state: SourceState | undefined): Promise<void> {
    return this.#sources.put(pull, state);
  }

  /** Removes a source. A run under way ends at its next page and releases its lease; resolves when that is so. */
  remove(key: SourceKey): Promise<void> {
    return this.#sources.remove(key);
  }

  /** Runs the source now, or right after the run that is under way: resolves with a run that began after this call. */
  runForPerson(key: SourceKey, onProgress?: (progress: Progress) => void): Promise<RunOutcome> {
    return this.#request(key, { by: "person", onProgress });
  }

  /** An operator paused a source, or resumed it. What a program requested meanwhile is made up for by one run. */
  setPaused(key: SourceKey, isPaused: boolean): void {
    const source = this.#sources.get(key);
    if (source === undefined || source.isPaused === isPaused) return;
    const { owesRun } = source;
    source.setPaused(isPaused, pausedByOperator(key));
    this.#calendar.reschedule(source);
    if (owesRun && !isPaused) this.runForProgram(key).then(ignore, ignore);
  }

  /**
   * Like `runForPerson`, for a program. Rejects with the error of the last run until its `retryAtMs`, and with `PULL_PAUSED` while an operator has
   * paused the source. `takeParts`: see `RunRequest`.
   */
  runForProgram(key: SourceKey, takeParts?: RunRequest["takeParts"]): Promise<RunOutcome> {
    return this.#request(key, { by: "program", takeParts });
  }

  #request(key: SourceKey, request: RunRequest): Promise<RunOutcome> {
    const source = this.#sources.get(key);
    if (source === undefined)
      return Promise.reject(
        unknownSource(
          key,
          Array.from(this.#sources.all, ({ pull }) => pull.key),
        ),
      );
    if (this.#stopping) return Promise.reject(stoppingError());
    if (request.by === "program" && source.isPaused) {
      source.oweRun();
      return Promise.reject(pausedByOperator(key));
    }
    const providerPause = request.by === "program" ? source.providerPauseAt(this.#options.clock.now()) : undefined;
    if (providerPause !== undefined) return Promise.reject(providerPause);
    const run = source.request(request);
    this.#queue.add([source]);
    return run;
  }

  /** Starts nothing new; runs end at their next checkpoint, or are aborted when `signal` aborts. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping = true;
    this.#calendar.stop();
    this.#unsubscribe?.();
    for (const source of this.#sources.all) source.refuseRequests(stoppingError());
    const abort = () => this.#abort.abort(isConnectorsError(signal.reason) ? signal.reason : stoppingError());
    // A page that waits for an unreachable sink would wait for the whole drain.
    if (signal.aborted || !this.#options.delivery.state.wantsMore) abort();
    else signal.addEventListener("abort", abort, { once: true });
    // What a claim under way still brings is given back, unless the store takes longer than there is time.
    await orAborted(this.#queue.stop(), signal).catch(() => undefined);
    await Promise.allSettled(this.#running);
    this.#keeper.close();
  }

  #granted(source: ScheduledSource, { lease, claim, requestedAtMs }: LeaseGrant): void {
    const { store, observer } = this.#options;
    if (this.#stopping || !this.#sources.has(source) || (source.isPaused && !source.isRequested)) {
      // When it does not get through, it lapses by itself.
      this.#run(source, () => store.release(lease, { type: "unfinished", resumeInMs: 0 }).then(ignore, ignore));
      return;
    }
    if (lease.dueMs !== undefined && !lease.resumed)
      observer.due(source.pull.key, claim?.isCatchUp === true ? "caught_up" : "run", 1);
    source.settleClaim(claim);
    this.#futureTimes.replaced(source.pull.key);
    this.#run(source, (requests) => runUnderLease(source, { lease, requestedAtMs, requests }, this.#context));
  }

  #run(source: ScheduledSource, start: (requests: readonly RequestedRun[]) => Promise<void>): void {
    const requests = source.beginRun();
    this.#calendar.reschedule(source);
    const tracked = start(requests)
      .catch((error: unknown) => {
        this.#options.logger.error("a run broke off", { source: formatSourceKey(source.pull.key), error });
        for (const { reject } of requests) reject(error);
      })
      .finally(() => {
        this.#running.delete(tracked);
        this.#backToSchedule(source);
        this.#queue.pump();
      });
    this.#running.add(tracked);
  }

  /** Back to its schedule; a run that was requested meanwhile still has to begin. */
  #backToSchedule(source: ScheduledSource): void {
    source.becomeIdle();
    this.#sources.becameIdle(source);
    if (source.isRequested && !this.#stopping) this.#queue.add([source]);
    this.#calendar.reschedule(source);
  }

  #clockSet(byMs: number): void {
    const { store, logger } = this.#options;
    logger.warn(byMs < 0 ? "the clock was set back" : "the clock was set forward, or the process was suspended", {
      by_ms: Math.round(Math.abs(byMs)),
    });
    this.#schedule.reset();
    store.list().then((states) => {
      for (const { source, finishedDueMs } of states) this.#sources.get(source)?.learnFinished(finishedDueMs);
      this.#futureTimes.check(states, this.#schedule.now());
    }, ignore);
  }
}

function ignore(): void {}
