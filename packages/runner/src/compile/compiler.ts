import { type Clock, isConnectorsError, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import type { Delivery } from "../delivery/delivery.ts";
import { steadyNow } from "../steady-now.ts";
import { compactPages } from "./compact-pages.ts";
import type { CompileClient } from "./compile-client.ts";
import { acquireCompileLease } from "./compile-lease.ts";
import type { CompileRecords } from "./compile-records.ts";
import { type CompileOutcome, compileSubject } from "./compile-subject.ts";
import { CompileTrouble } from "./compile-trouble.ts";
import { DeliveryLoad } from "./delivery-load.ts";
import { Pace } from "./pace.ts";
import { PageReader } from "./page-reader.ts";
import { type CompileTimes, planRound, planTaken } from "./plan-round.ts";
import { takeFromPages } from "./take-from-pages.ts";
import { asManyAsFit, TakenSubjects } from "./taken-subjects.ts";
import type { Touch } from "./touch.ts";
import { graceMs, type TouchedSubjects } from "./touched-subjects.ts";

/** Receives what happens, for the metrics. */
export interface CompileObserver {
  request(outcome: CompileOutcome): void;
  /** A subject is compiled; its first change since the compile before was delivered so long ago. */
  compiled(seconds: number): void;
}

export interface CompilerOptions {
  readonly client: Pick<CompileClient, "compile" | "job">;
  readonly records: CompileRecords;
  readonly touched: Pick<TouchedSubjects, "putBack">;
  readonly delivery: Pick<Delivery, "state" | "whenUp" | "stats">;
  readonly times: CompileTimes;
  /** This process, unique. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: CompileObserver;
  readonly leaseTtlMs: number;
  /** Whether other processes compile from the same state. */
  readonly isShared: boolean;
}

/** Touched subjects are looked at so often in the time for which they rest. */
const looksPerQuiet = 10;
const lookAtLeastEveryMs = 15_000;
const lookAtMostEveryMs = 100;
/** A round takes as many subjects as are compiled in this time: a process that takes over has no more to find out about. */
const roundMs = 10_000;
/** A round begins no further subject after this time: what became due meanwhile is looked at, and what is overdue comes first. */
const longestRoundMs = 3 * roundMs;
const firstRound = 20;
const largestRound = 1_000;
/** It may have been the subject that broke the connection: it waits like one that failed so often, at most. */
const mostUnavailable = 4;
const lately = 5_000;
const storeRetryMs = 10_000;

/**
 * Has touched subjects compiled, in one process of all that share the state. A round takes subjects out of the pages, waits until no process
 * relies on their being there, and compiles them. What a round leaves goes back into the pages, so that no subject holds up the others. Of a
 * round that a crash ended, the next process compiles what is left.
 */
export class Compiler {
  readonly #options: CompilerOptions;
  readonly #stopping = new AbortController();
  readonly #load: DeliveryLoad;
  readonly #pace: Pace;
  readonly #trouble: CompileTrouble;
  #running: Promise<void> | undefined;
  #roundSize = firstRound;

  constructor(options: CompilerOptions) {
    this.#options = options;
    const { clock, logger, delivery } = options;
    this.#load = new DeliveryLoad({ stats: () => delivery.stats(), clock });
    this.#pace = new Pace({ clock, isBusy: () => this.#load.isBusy });
    this.#trouble = new CompileTrouble(logger);
  }

  start(): void {
    this.#running ??= this.#run(this.#stopping.signal);
  }

  /** Gives up what is being compiled; the next process compiles it. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options;
    while (!signal.aborted) {
      try {
        const lease = await acquireCompileLease({ ...this.#options, ttlMs: this.#options.leaseTtlMs }, signal);
        await this.#compileWhileHeld(lease.signal).finally(() => lease.release());
      } catch (error) {
        if (signal.aborted) return;
        // Another process took over because this one stood still, which is how it should be.
        if (isConnectorsError(error, "STORE_LEASE_LOST")) logger.info("another process compiles now", { error });
        else logger.warn("the subjects to compile cannot be read or written", { retry_in_ms: storeRetryMs, error });
        await sleep(clock, storeRetryMs, signal).catch(() => undefined);
      }
    }
  }

  async #compileWhileHeld(signal: AbortSignal): Promise<never> {
    const { clock, records, delivery, times, owner } = this.#options;
    const taken = await TakenSubjects.load(records);
    const reader = new PageReader();
    for (;;) {
      if (!delivery.state.wantsMore) await delivery.whenUp(signal);
      const pages = await records.pages();
      const touches = reader.read(pages);
      const plan = planRound(touches, times, clock.now(), Math.min(lately, times.quietMs / 2));
      this.#load.touchedLately(plan.lately);
      if (await compactPages(records, pages, touches, { owner, nowMs: clock.now() })) continue;
      const { begun, waiting } = planTaken(taken.left, times, clock.now());
      // A new touch of one that waits must not shorten its wait.
      const waitingSubjects = new Set(waiting.map(({ subject }) => subject));
      const due = begun.length > 0 ? begun : plan.due.filter(({ subject }) => !waitingSubjects.has(subject));
      const chosen = asManyAsFit([...waiting, ...due], waiting.length + Math.max(begun.length, this.#roundSize)).slice(
        waiting.length,
      );
      signal.throwIfAborted();
      if (chosen.length === 0) {
        await this.#putBackLeft(taken);
        await sleep(clock, lookEveryMs(times), signal);
        continue;
      }
      // Also what a process before has taken: touches of it that came later are compiled now.
      await taken.take([...waiting, ...chosen]);
      await takeFromPages(records, pages, chosen);
      await sleep(clock, graceMs, signal);
      await this.#compileRound(taken, { chosen, firstIndex: waiting.length }, signal);
      await this.#putBackLeft(taken);
      const restMs = this.#trouble.restMs;
      if (restMs > 0) await sleep(clock, restMs, signal);
    }
  }

  async #compileRound(
    taken: TakenSubjects,
    { chosen, firstIndex }: { readonly chosen: readonly Touch[]; readonly firstIndex: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#options;
    const startedAtMs = steadyNow(clock);
    const broken = new AbortController();
    const ended = AbortSignal.any([signal, broken.signal]);
    let settled = 0;
    this.#trouble.roundBegins();
    for (const [index, touch] of chosen.entries()) {
      await this.#pace.turn(ended).catch(() => undefined);
      if (ended.aborted || this.#trouble.endsRound || steadyNow(clock) - startedAtMs > longestRoundMs) break;
      const settle = async () => {
        const { isSettled, staysTaken } = await this.#compileOne(touch, ended);
        if (isSettled) settled += 1;
        if (staysTaken === undefined) await taken.done(firstIndex + index);
        else taken.change(firstIndex + index, staysTaken);
      };
      this.#pace.run(settle).catch((error: unknown) => broken.abort(error));
    }
    await this.#pace.ended();
    ended.throwIfAborted();
    this.#trouble.roundEnds(chosen.length - settled);
    this.#roundSize = nextRoundSize(settled, steadyNow(clock) - startedAtMs);
  }

  /** First into the pages, then out of what is taken: a crash in between has them compiled twice. Without room there they stay taken. */
  async #putBackLeft(taken: TakenSubjects): Promise<void> {
    const { left } = taken;
    if (left.length === 0) return;
    if (await this.#options.touched.putBack(left)) await taken.take([]);
  }

  async #compileOne(touch: Touch, signal: AbortSignal): Promise<OneCompiled> {
    const { client, clock, observer, touched } = this.#options;
    const onRequest = (outcome: CompileOutcome) => observer.request(outcome);
    const onLimit = (forMs: number) => this.#pace.rest(forMs);
    const givesWay = () => this.#load.isBusy;
    const options = { client, clock, onRequest, onLimit, givesWay };
    let outcome = await compileSubject(touch.subject, options, signal);
    // Without room in the pages it would be forgotten.
    if (outcome.type === "more" && !(await touched.putBack([{ ...touch, failures: 0 }])))
      outcome = await compileSubject(touch.subject, { ...options, givesWay: () => false }, signal);
    this.#trouble.ended(outcome, touch.failures > 0);
    if (outcome.type === "done") observer.compiled(Math.max(0, clock.now() - touch.firstMs) / 1_000);
    const isUnavailable = outcome.type === "unavailable";
    if (!isUnavailable && outcome.type !== "failed") return { isSettled: true };
    const failures = isUnavailable ? Math.max(touch.failures, Math.min(touch.failures + 1, mostUnavailable)) : touch.failures + 1;
    const failed = { ...touch, lastMs: clock.now(), failures };
    const isRecorded = await touched.putBack([failed]);
    return { isSettled: !isUnavailable, ...(!isRecorded && { staysTaken: failed }) };
  }
}

interface OneCompiled {
  /** Whether the server compiled it, or never will, or failed for this subject alone. */
  readonly isSettled: boolean;
  /** The subject with its failure, where the pages have no room for it: it waits among what is taken. */
  readonly staysTaken?: Touch;
}

/** How often touched subjects are looked at. */
function lookEveryMs({ quietMs }: Pick<CompileTimes, "quietMs">): number {
  return Math.min(lookAtLeastEveryMs, Math.max(lookAtMostEveryMs, quietMs / looksPerQuiet));
}

function nextRoundSize(compiled: number, tookMs: number): number {
  const inTime = Math.ceil((compiled * roundMs) / Math.max(1, tookMs));
  return Math.min(largestRound, Math.max(firstRound / 2, inTime));
}
