import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { type AcquireResult, type CursorStore, type Lease, longestLeaseMs } from "@statewave-connectors/connector-sdk/store";
import type { Delivery } from "../delivery/delivery.ts";
import type { BuryItem } from "../pages/bury-failures.ts";
import { type ScheduledSource, type Ask, toScheduledSource } from "./scheduled-source.ts";
import { LeaseQueue, type Waiting } from "./lease-queue.ts";
import { DueCalendar } from "./due-calendar.ts";
import { defaultLeaseTtlMs, LeaseKeeper } from "./lease-keeper.ts";
import { OddTimes } from "./odd-times.ts";
import type { OpenedPull } from "./opened-pull.ts";
import { orAborted } from "../pages/or-aborted.ts";
import { busyError, stoppingError, unknownSource } from "./pull-errors.ts";
import type { PullMoment } from "../metrics/source-gauges.ts";
import type { PullObserver } from "./pull-observer.ts";
import type { Progress } from "./progress.ts";
import { ScheduleIntervals } from "./schedule-intervals.ts";
import type { RunOutcome } from "./run-pull.ts";
import { ScheduleClock } from "./schedule-clock.ts";
import { storeRetryMs, TickDesk } from "./run-under-lease.ts";

export interface PullSchedulerOptions {
  readonly pulls: readonly OpenedPull[];
  readonly store: CursorStore;
  readonly delivery: Pick<Delivery, "deliver" | "state" | "onStateChange" | "pausedUntilMs">;
  readonly buryItem: BuryItem;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly observer: PullObserver;
  /** Unique per process. */
  readonly owner: string;
  readonly maxConcurrentSyncs: number;
  readonly syncTimeoutMs: number;
  /** Default 30 s. */
  readonly leaseTtlMs?: number | undefined;
  /** See `TickDeskOptions`. */
  readonly beforeCheckpoint?: ((lease: Lease) => Promise<void>) | undefined;
}

const shortestRecheckMs = 250;
const earlyRecheckMs = 1_000;

/** A source that waited, and what it wanted to ask for when the store was asked: meanwhile a newer due may have come. */
interface Claim {
  readonly waiting: Waiting;
  readonly source: ScheduledSource;
  readonly asked: Ask | undefined;
}

/**
 * Fires pull sources when they are due: claims the due, runs the tick under its lease, releases it. A source never overlaps itself; a
 * tick that waits for a slot or for the sink holds no lease; a tick left unfinished by anyone is taken up when it may be.
 */
export class PullScheduler {
  readonly #options: PullSchedulerOptions;
  readonly #leaseTtlMs: number;
  readonly #schedule: ScheduleClock;
  readonly #oddTimes: OddTimes;
  readonly #keeper: LeaseKeeper;
  readonly #calendar: DueCalendar;
  readonly #queue: LeaseQueue;
  readonly #ticks: TickDesk;
  readonly #sources: ReadonlyMap<string, ScheduledSource>;
  readonly #intervals = new ScheduleIntervals();
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #started = false;
  #stopping = false;
  #unsubscribe: (() => void) | undefined;

  constructor(options: PullSchedulerOptions) {
    this.#options = options;
    const { clock, logger } = options;
    this.#leaseTtlMs = Math.min(options.leaseTtlMs ?? defaultLeaseTtlMs, longestLeaseMs);
    this.#schedule = new ScheduleClock({ clock, logger, onChange: () => this.#calendar.planAnew() });
    this.#oddTimes = new OddTimes(logger);
    this.#keeper = new LeaseKeeper({ ...options, leaseTtlMs: this.#leaseTtlMs });
    this.#calendar = new DueCalendar({
      ...options,
      clock: this.#schedule,
      enqueue: (sources) => this.#queue.add(sources),
      onClockSet: (byMs) => this.#clockSet(byMs),
    });
    this.#queue = new LeaseQueue({
      ...options,
      clock: this.#schedule,
      freeSlots: () => this.#freeSlots,
      isOpen: () => options.delivery.state.wantsMore,
      claim: (batch) => this.#claim(batch),
    });
    this.#ticks = new TickDesk({
      ...options,
      schedule: this.#schedule,
      keeper: this.#keeper,
      signal: this.#abort.signal,
      isStopping: () => this.#stopping,
    });
    this.#sources = new Map(options.pulls.map((pull) => [formatSourceKey(pull.key), toScheduledSource(pull)]));
  }

  /** Arms every schedule. Nothing fires at once, except what the store remembers as unfinished or overdue. */
  async start(): Promise<void> {
    const { store, delivery } = this.#options;
    const states = new Map((await store.list()).map((state) => [formatSourceKey(state.source), state]));
    const nowMs = this.#schedule.now();
    this.#oddTimes.look([...states.values()], nowMs);
    for (const [key, source] of this.#sources) this.#calendar.arm(source, states.get(key), nowMs);
    this.#unsubscribe = delivery.onStateChange(() => this.#queue.pump());
    this.#started = true;
  }

  /** What is wrong with clocks, or with the times that one of them left in the store; undefined when nothing is. */
  get clockTrouble(): string | undefined {
    const { correctionMs } = this.#schedule;
    const ahead = `${Math.round(Math.abs(correctionMs) / 1000)} s ${correctionMs > 0 ? "behind" : "ahead of"}`;
    const differ = correctionMs === 0 ? undefined : `this machine's clock is about ${ahead} the store's`;
    return [differ, this.#oddTimes.sentence].filter((part) => part !== undefined).join("; ") || undefined;
  }

  get armed(): number {
    return this.#started && !this.#stopping ? this.#sources.size : 0;
  }

  /** Sources whose last run was not done when it ended, and those that wait for one. */
  get unfinished(): readonly SourceKey[] {
    const open = [...this.#sources.values()].filter(({ stage, isUnfinished }) => stage !== "idle" || isUnfinished);
    return open.map(({ pull }) => pull.key);
  }

  /** When the source is due next, epoch milliseconds. */
  nextDueMs(key: SourceKey): number | undefined {
    return this.#sources.get(formatSourceKey(key))?.nextDueMs;
  }

  /** Every source as it is at this moment, for metrics. */
  *moments(): Generator<PullMoment, void> {
    if (this.#stopping) return;
    for (const { pull, nextDueMs, stage } of this.#sources.values()) {
      yield { source: pull.key, nextDueMs, intervalMs: this.#intervals.of(pull, nextDueMs), running: stage === "running" };
    }
  }

  /** Runs the source now, or right after the tick that is running: resolves with a walk that began after this call. */
  walk(key: SourceKey, onProgress?: (progress: Progress) => void): Promise<RunOutcome> {
    const source = this.#sources.get(formatSourceKey(key));
    if (source === undefined) return Promise.reject(unknownSource(key));
    if (this.#stopping) return Promise.reject(stoppingError());
    const walk = Promise.withResolvers<RunOutcome>();
    source.walks.push({ ...walk, onProgress });
    this.#queue.add([source]);
    return walk.promise;
  }

  /** Starts nothing new; running ticks end at their next checkpoint, or are aborted when `signal` aborts. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping = true;
    this.#calendar.stop();
    this.#unsubscribe?.();
    for (const source of this.#sources.values()) {
      for (const walk of source.walks.splice(0)) walk.reject(stoppingError());
    }
    const abort = () => this.#abort.abort(stoppingError());
    // A page that waits for a sink that is away would wait for the whole drain.
    if (signal.aborted || !this.#options.delivery.state.wantsMore) abort();
    else signal.addEventListener("abort", abort, { once: true });
    // What a claim under way still brings is given back, unless the store takes longer than there is time.
    await orAborted(this.#queue.stop(), signal).catch(() => undefined);
    await Promise.allSettled(this.#running);
    this.#keeper.close();
  }

  get #freeSlots(): number {
    return Math.max(0, this.#options.maxConcurrentSyncs - this.#running.size);
  }

  /** Starts dry runs, and asks the store for the right to run the others: in one statement, for as many as there is room. */
  async #claim(batch: readonly Waiting[]): Promise<void> {
    const { store, owner, clock, logger } = this.#options;
    const nowMs = clock.now();
    const claims: Claim[] = [];
    for (const waiting of batch) {
      const { item: source } = waiting;
      if (source.pull.entry.dryRun) this.#startPreview(waiting);
      else if (!this.#isPaused(source, nowMs)) claims.push({ waiting, source, asked: source.ask });
    }
    if (claims.length === 0) return;
    const requests = claims.map(({ source, asked }) => {
      return { source: source.pull.key, owner, ttlMs: this.#leaseTtlMs, ...(asked === undefined ? {} : { dueMs: asked.dueMs }) };
    });
    try {
      const results = await store.acquire(requests, { atMost: this.#freeSlots });
      for (const [index, claim] of claims.entries()) this.#answered(claim, results[index]!, nowMs);
    } catch (error) {
      logger.error("claiming dues failed; trying again", { sources: claims.length, next_attempt_in_ms: storeRetryMs, error });
      for (const { source } of claims) this.#askAgain(source, { waitMs: storeRetryMs }, error);
    }
  }

  #startPreview(waiting: Waiting): void {
    const { item: source } = waiting;
    if (this.#freeSlots > 0) this.#run(source, this.#ticks.preview(source));
    else this.#queue.putBack(waiting);
  }

  /** A source that the sink refuses over and over rests; its walks and its due come later. */
  #isPaused(source: ScheduledSource, nowMs: number): boolean {
    const untilMs = this.#options.delivery.pausedUntilMs(source.pull.key);
    if (untilMs === undefined || untilMs <= nowMs) return false;
    this.#askAgain(source, { waitMs: untilMs - nowMs, losesPlace: true });
    return true;
  }

  #answered({ waiting, source, asked }: Claim, result: AcquireResult, requestedAtMs: number): void {
    const isReplaced = source.ask !== asked;
    if (result.granted) {
      this.#granted(source, asked, result.lease, requestedAtMs);
    } else if (result.reason === "surplus") {
      if (isReplaced && asked !== undefined) this.#options.observer.due(source.pull.key, "missed", 1);
      this.#queue.putBack(waiting);
    } else if (result.reason === "finished") {
      if (!isReplaced) source.ask = undefined;
      if (asked !== undefined) this.#schedule.dueWasFinished(source.finishedDueMs);
      this.#idle(source);
    } else if (result.reason === "early") {
      if (asked !== undefined) this.#schedule.dueWasEarly(asked.dueMs);
      this.#askAgain(source, { waitMs: earlyRecheckMs });
    } else {
      // What others ran meanwhile, as is likely, shall not wait a second time to be told so.
      const waitMs = Math.max(shortestRecheckMs, result.retryInMs);
      this.#askAgain(source, { waitMs, losesPlace: result.reason === "waiting" });
    }
  }

  #granted(source: ScheduledSource, asked: Ask | undefined, lease: Lease, requestedAtMs: number): void {
    if (this.#stopping) {
      // When it does not get through, it lapses by itself.
      const release = this.#options.store.release(lease, { type: "unfinished", resumeInMs: 0 }).then(ignore, ignore);
      this.#run(source, release);
      return;
    }
    if (lease.dueMs !== undefined && !lease.resumed) {
      this.#options.observer.due(source.pull.key, asked?.catchUp === true ? "caught_up" : "run", 1);
    }
    if (source.ask === asked) source.ask = undefined;
    this.#oddTimes.replaced(source.pull.key);
    this.#run(source, this.#ticks.run(source, lease, requestedAtMs));
  }

  #askAgain(source: ScheduledSource, { waitMs, losesPlace = false }: Again, error?: unknown): void {
    const atMs = this.#schedule.now() + waitMs;
    if (source.ask !== undefined) source.ask = { ...source.ask, atMs, waitMs, ...(losesPlace && { sinceMs: atMs }) };
    for (const walk of source.walks.splice(0)) walk.reject(error ?? busyError(source.pull.key));
    this.#idle(source);
  }

  #clockSet(byMs: number): void {
    const { store, logger } = this.#options;
    logger.warn(byMs < 0 ? "the clock was set back" : "the clock was set forward, or the process was suspended", {
      by_ms: Math.round(Math.abs(byMs)),
    });
    this.#schedule.reset();
    store.list().then((states) => {
      for (const { source, finishedDueMs } of states) {
        const armed = this.#sources.get(formatSourceKey(source));
        if (armed !== undefined) armed.finishedDueMs = finishedDueMs;
      }
      this.#oddTimes.look(states, this.#schedule.now());
    }, ignore);
  }

  #run(source: ScheduledSource, run: Promise<void>): void {
    source.stage = "running";
    this.#calendar.plan(source);
    const tracked = run
      .catch((error: unknown) =>
        this.#options.logger.error("a tick broke off", { source: formatSourceKey(source.pull.key), error }),
      )
      .finally(() => {
        this.#running.delete(tracked);
        this.#idle(source);
        this.#queue.pump();
      });
    this.#running.add(tracked);
  }

  /** Back to its schedule; a walk that was asked for meanwhile still has to begin. */
  #idle(source: ScheduledSource): void {
    source.stage = "idle";
    if (source.walks.length > 0 && !this.#stopping) this.#queue.add([source]);
    this.#calendar.plan(source);
  }
}

/** When a claim that was refused is to be tried again. */
interface Again {
  readonly waitMs: number;
  /** Whether it is queued behind the waiting ones. */
  readonly losesPlace?: boolean;
}

function ignore(): void {}
