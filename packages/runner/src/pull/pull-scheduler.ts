import {
  type AcquireResult,
  type Clock,
  type CursorStore,
  formatSourceKey,
  isConnectorsError,
  type Lease,
  type Logger,
  type SourceKey,
  type SourceState,
} from "@statewave-connectors/connector-sdk";
import type { Delivery } from "../delivery/delivery.ts";
import { defaultLeaseTtlMs, LeaseKeeper } from "./lease-keeper.ts";
import type { OpenedPull } from "./opened-pull.ts";
import { logTick } from "./log-tick.ts";
import { countDues, planStart } from "./plan-start.ts";
import { busyError, stoppingError, unknownSource } from "./pull-errors.ts";
import { resumeAfterErrorMs, untilNextDueMs } from "./plan-resume.ts";
import { previewPull } from "./preview-pull.ts";
import type { PullObserver } from "./pull-observer.ts";
import { runTick, type TickOutcome } from "./run-tick.ts";

export interface PullSchedulerOptions {
  readonly pulls: readonly OpenedPull[];
  readonly store: CursorStore;
  readonly delivery: Pick<Delivery, "deliver" | "state" | "onStateChange" | "pausedUntilMs">;
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
}

/** What the scheduler means to ask the store for, and from when on. */
interface Ask {
  readonly atMs: number;
  readonly dueMs: number;
  readonly catchUp: boolean;
}

interface ArmedSource {
  readonly pull: OpenedPull;
  nextDueMs: number | undefined;
  ask: Ask | undefined;
  /** Waits for a free slot or for the sink. */
  queued: boolean;
  running: boolean;
  /** Ticks that failed in a row. */
  failures: number;
  /** Who wants a walk that begins after they asked. */
  walks: PromiseWithResolvers<TickOutcome>[];
}

/** At most one claim statement in this time, however many sources fall due together. */
const claimEveryMs = 100;
const storeRetryMs = 2_000;
const shortestRecheckMs = 250;

/**
 * Fires pull sources when they are due: claims the due, runs the tick under its lease, releases it. A source never overlaps itself; a
 * tick that waits for a slot or for the sink holds no lease; a tick left unfinished by anyone is taken up when it may be.
 */
export class PullScheduler {
  readonly #options: PullSchedulerOptions;
  readonly #leaseTtlMs: number;
  readonly #keeper: LeaseKeeper;
  readonly #sources = new Map<string, ArmedSource>();
  readonly #queue: ArmedSource[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  #started = false;
  #stopping = false;
  #claiming = false;
  #lastClaimAtMs = Number.NEGATIVE_INFINITY;
  #cancelWake: (() => void) | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(options: PullSchedulerOptions) {
    this.#options = options;
    this.#leaseTtlMs = options.leaseTtlMs ?? defaultLeaseTtlMs;
    this.#keeper = new LeaseKeeper({ ...options, leaseTtlMs: this.#leaseTtlMs });
    for (const pull of options.pulls) {
      const source = { pull, nextDueMs: undefined, ask: undefined, queued: false, running: false, failures: 0, walks: [] };
      this.#sources.set(formatSourceKey(pull.key), source);
    }
  }

  /** Arms every schedule. Nothing fires at once, except what the store remembers as unfinished or overdue. */
  async start(): Promise<void> {
    const { store, clock } = this.#options;
    const states = new Map((await store.list()).map((state) => [formatSourceKey(state.source), state]));
    const nowMs = clock.now();
    for (const [key, source] of this.#sources) this.#arm(source, states.get(key), nowMs);
    this.#unsubscribe = this.#options.delivery.onStateChange(() => this.#wake());
    this.#started = true;
    this.#wake();
  }

  #arm(source: ArmedSource, state: SourceState | undefined, nowMs: number): void {
    const { entry, key } = source.pull;
    source.nextDueMs = entry.schedule.nextAfterMs(nowMs);
    if (entry.dryRun) return;
    const { random, observer } = this.#options;
    const plan = planStart({ schedule: entry.schedule, catchUp: entry.catchUp, state, nowMs, random });
    if (plan.type !== "resume" && plan.missed > 0) observer.due(key, "missed", plan.missed);
    if (plan.type === "wait") return;
    source.ask = { atMs: nowMs + plan.delayMs, dueMs: plan.dueMs, catchUp: plan.type === "catch-up" };
  }

  get armed(): number {
    return this.#started && !this.#stopping ? this.#sources.size : 0;
  }

  /** When the source is due next, epoch milliseconds. */
  nextDueMs(key: SourceKey): number | undefined {
    return this.#sources.get(formatSourceKey(key))?.nextDueMs;
  }

  /** Runs the source now, or right after the tick that is running: resolves with a walk that began after this call. */
  walk(key: SourceKey): Promise<TickOutcome> {
    const source = this.#sources.get(formatSourceKey(key));
    if (source === undefined) return Promise.reject(unknownSource(key));
    if (this.#stopping) return Promise.reject(stoppingError());
    const walk = Promise.withResolvers<TickOutcome>();
    source.walks.push(walk);
    this.#enqueue(source);
    this.#pump();
    return walk.promise;
  }

  /** Starts nothing new; running ticks end at their next checkpoint, or are aborted when `signal` aborts. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping = true;
    this.#cancelWake?.();
    this.#unsubscribe?.();
    for (const source of this.#sources.values()) {
      for (const walk of source.walks.splice(0)) walk.reject(stoppingError());
    }
    const abort = () => this.#abort.abort(stoppingError());
    // A page that waits for a sink that is away would wait for the whole drain.
    if (signal.aborted || !this.#options.delivery.state.wantsMore) abort();
    else signal.addEventListener("abort", abort, { once: true });
    await Promise.allSettled(this.#running);
    this.#keeper.close();
  }

  /** Looks at every source: what is due, what may be asked for again. Then sleeps until the next of these moments. */
  #wake(): void {
    if (this.#stopping) return;
    const nowMs = this.#options.clock.now();
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const source of this.#sources.values()) {
      if (source.nextDueMs !== undefined && source.nextDueMs <= nowMs) this.#meetDue(source, source.nextDueMs, nowMs);
      const askAtMs = source.running || source.queued ? undefined : source.ask?.atMs;
      if (askAtMs !== undefined && askAtMs <= nowMs) this.#enqueue(source);
      else earliestMs = Math.min(earliestMs, askAtMs ?? Number.POSITIVE_INFINITY);
      earliestMs = Math.min(earliestMs, source.nextDueMs ?? Number.POSITIVE_INFINITY);
    }
    this.#sleepUntil(earliestMs, nowMs);
    this.#pump();
  }

  #sleepUntil(atMs: number, nowMs: number): void {
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    if (atMs === Number.POSITIVE_INFINITY) return;
    this.#cancelWake = this.#options.clock.after(Math.max(1, atMs - nowMs), () => this.#wake());
  }

  #meetDue(source: ArmedSource, dueMs: number, nowMs: number): void {
    const { key, entry } = source.pull;
    const { observer } = this.#options;
    const latestMs = entry.schedule.latestAtOrBeforeMs(nowMs) ?? dueMs;
    const passedOver = countDues(entry.schedule, dueMs, latestMs);
    if (passedOver > 0) observer.due(key, "missed", passedOver);
    source.nextDueMs = entry.schedule.nextAfterMs(nowMs);
    if (source.running) {
      observer.due(key, "skipped", 1);
      return;
    }
    // A former due that still waits for its slot gives way to this one.
    if (source.queued && source.ask !== undefined) observer.due(key, "missed", 1);
    source.ask = { atMs: nowMs, dueMs: latestMs, catchUp: false };
  }

  #enqueue(source: ArmedSource): void {
    if (source.queued || source.running) return;
    source.queued = true;
    this.#queue.push(source);
  }

  /** Claims as many queued sources as there are free slots, in one statement. */
  #pump(): void {
    const { clock, delivery, maxConcurrentSyncs } = this.#options;
    if (this.#claiming || this.#stopping || this.#queue.length === 0 || !delivery.state.wantsMore) return;
    const free = maxConcurrentSyncs - this.#running.size;
    if (free <= 0) return;
    this.#claiming = true;
    const waitMs = this.#lastClaimAtMs + claimEveryMs - clock.now();
    const claim = () => {
      this.#lastClaimAtMs = clock.now();
      const batch = this.#queue.splice(0, maxConcurrentSyncs - this.#running.size);
      void this.#claim(batch).finally(() => {
        this.#claiming = false;
        this.#wake();
      });
    };
    if (waitMs > 0) clock.after(waitMs, claim);
    else claim();
  }

  async #claim(batch: readonly ArmedSource[]): Promise<void> {
    const { store, owner, clock, logger } = this.#options;
    for (const source of batch) source.queued = false;
    const nowMs = clock.now();
    const previews = batch.filter((source) => source.pull.entry.dryRun);
    for (const source of previews) this.#track(source, this.#preview(source));
    const asking = batch.filter((source) => !source.pull.entry.dryRun && !this.#stopping && !this.#isPaused(source, nowMs));
    if (asking.length === 0) return;
    try {
      const results = await store.acquire(
        asking.map((source) => ({
          source: source.pull.key,
          owner,
          ttlMs: this.#leaseTtlMs,
          ...(source.ask === undefined ? {} : { dueMs: source.ask.dueMs }),
        })),
      );
      for (const [index, source] of asking.entries()) this.#answered(source, results[index]!, nowMs);
    } catch (error) {
      logger.error("claiming dues failed; trying again", { sources: asking.length, error });
      for (const source of asking) this.#askAgain(source, clock.now() + storeRetryMs, error);
    }
  }

  /** A source that the sink refuses over and over rests; its walks and its due come later. */
  #isPaused(source: ArmedSource, nowMs: number): boolean {
    const untilMs = this.#options.delivery.pausedUntilMs(source.pull.key);
    if (untilMs === undefined || untilMs <= nowMs) return false;
    this.#askAgain(source, untilMs, undefined);
    return true;
  }

  #askAgain(source: ArmedSource, atMs: number, error: unknown): void {
    if (source.ask !== undefined) source.ask = { ...source.ask, atMs };
    for (const walk of source.walks.splice(0)) walk.reject(error ?? busyError(source.pull.key));
  }

  #answered(source: ArmedSource, result: AcquireResult, requestedAtMs: number): void {
    const { clock, observer, store } = this.#options;
    if (result.granted) {
      if (this.#stopping) {
        void store.release(result.lease, { type: "unfinished", resumeInMs: 0 });
        return;
      }
      const { lease } = result;
      if (lease.dueMs !== undefined && !lease.resumed) {
        observer.due(source.pull.key, source.ask?.catchUp === true ? "caught_up" : "run", 1);
      }
      if (lease.dueMs !== undefined) source.ask = undefined;
      this.#track(source, this.#tick(source, lease, requestedAtMs));
      return;
    }
    if (result.reason === "finished") {
      source.ask = undefined;
      // Somebody finished the due; a walk that was asked for still has to begin.
      if (source.walks.length > 0) this.#enqueue(source);
      return;
    }
    const delayMs = result.reason === "early" ? 1_000 : Math.max(shortestRecheckMs, result.retryInMs);
    this.#askAgain(source, clock.now() + delayMs, undefined);
  }

  #track(source: ArmedSource, run: Promise<void>): void {
    source.running = true;
    const tracked = run
      .catch((error: unknown) =>
        this.#options.logger.error("a tick broke off", { source: formatSourceKey(source.pull.key), error }),
      )
      .finally(() => {
        source.running = false;
        this.#running.delete(tracked);
        if (source.walks.length > 0 && !this.#stopping) this.#enqueue(source);
        this.#wake();
      });
    this.#running.add(tracked);
  }

  async #preview(source: ArmedSource): Promise<void> {
    const { store, clock, logger, syncTimeoutMs, observer } = this.#options;
    source.ask = undefined;
    const walks = source.walks.splice(0);
    const outcome = await previewPull({
      pull: source.pull,
      store,
      clock,
      syncTimeoutMs,
      signal: this.#abort.signal,
      observer,
      onEpisode: () => undefined,
    });
    logTick(logger, source.pull.key, outcome, source.failures);
    for (const walk of walks) walk.resolve(outcome);
  }

  async #tick(source: ArmedSource, lease: Lease, requestedAtMs: number): Promise<void> {
    const { store, delivery, clock, logger, observer, syncTimeoutMs } = this.#options;
    const walks = source.walks.splice(0);
    const hold = this.#keeper.hold(lease, requestedAtMs);
    const outcome = await runTick({
      pull: source.pull,
      lease,
      checkpoint: (held, cursor) => store.checkpoint(held, cursor),
      deliver: (request) => delivery.deliver(request),
      clock,
      syncTimeoutMs,
      observer,
      signal: AbortSignal.any([hold.signal, this.#abort.signal]),
      stopping: () => this.#stopping,
    });
    try {
      await this.#release(source, lease, outcome);
    } catch (error) {
      logger.warn("releasing a lease failed; it lapses by itself", { source: formatSourceKey(lease.source), error });
      this.#askForRest(source, lease, storeRetryMs);
    } finally {
      hold.letGo();
    }
    logTick(logger, source.pull.key, outcome, source.failures);
    for (const walk of walks) walk.resolve(outcome);
  }

  async #release(source: ArmedSource, lease: Lease, outcome: TickOutcome): Promise<void> {
    const { store, clock, random } = this.#options;
    if (outcome.type === "done") {
      source.failures = 0;
      await store.release(lease, { type: "done" });
      return;
    }
    if (outcome.type === "failed" && isConnectorsError(outcome.error, "STORE_LEASE_LOST")) {
      // Nobody else may have taken over: while the store was away, nobody could.
      this.#askForRest(source, lease, storeRetryMs);
      return;
    }
    const resumeInMs = this.#resumeInMs(source, outcome, clock.now(), random);
    if (outcome.type === "failed" && !this.#stopping) source.failures += 1;
    this.#askForRest(source, lease, resumeInMs);
    await store.release(lease, { type: "unfinished", resumeInMs });
  }

  /** A tick that is not known to be finished is asked for again, however rare its schedule; the store says when it is free. */
  #askForRest(source: ArmedSource, { dueMs }: Lease, inMs: number): void {
    if (dueMs === undefined || this.#stopping) return;
    source.ask ??= { atMs: this.#options.clock.now() + inMs, dueMs, catchUp: false };
  }

  #resumeInMs(source: ArmedSource, outcome: TickOutcome, nowMs: number, random: () => number): number {
    const { nextDueMs, failures } = source;
    if (this.#stopping) return 0;
    if (outcome.type === "failed") return resumeAfterErrorMs({ error: outcome.error, failures, nowMs, nextDueMs, random });
    return untilNextDueMs({ nowMs, nextDueMs });
  }
}
