import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Lease, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { within } from "../deadline/within.ts";
import type { NamedRun } from "../pull/log-run.ts";
import type { RunOutcome } from "../pull/run-pull.ts";
import { steadyNow } from "../steady-now.ts";
import { accountOf, type BegunRun, isWithoutNews, type RunAccount } from "./run-account.ts";
import { addAccount, mostAccounts } from "./run-history.ts";
import { RunRecords } from "./run-records.ts";
import { RunTally } from "./run-tally.ts";

export interface RunRecorderOptions {
  /** Undefined: the store keeps none, and no account is kept. */
  readonly records: StoreRecords | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** This process: `host:pid:…`. */
  readonly owner: string;
  /** Removes what must not be shown from an error of a source. */
  readonly clean: (source: SourceKey, text: string) => string;
  /** Requests that the connector of a pull source has sent so far. */
  readonly requestsOf: (source: SourceKey) => number;
}

/** A run that is being recorded. */
export interface RecordedRun {
  readonly tally: RunTally;
  ended(outcome: RunOutcome): void;
}

/** What ends together is written together. */
const gatherMs = 200;
/** A source of runs without news is written less often. */
const quietGatherMs = 10_000;
/** How often the account of a run under way is written again. */
const progressEveryMs = 30_000;
const mostPerFlush = 40;
const pauseWhenBusyMs = 1_000;
const atOnce = 8;
const answerWithinMs = 10_000;
const retryAfterMs = 5_000;

interface Writing {
  readonly source: SourceKey;
  /** Ended runs that are not written. */
  pending: readonly RunAccount[];
  /** Those that the store may have taken, although it did not answer: joined with others they would be counted twice. */
  unanswered: readonly RunAccount[];
  running: (BegunRun & { readonly requestsBefore: number; readonly beganAtMs: number }) | undefined;
  /** When it is to be written, steady time. */
  atMs: number;
  /** Whether the account written last had no news. */
  isQuiet: boolean;
  /** Whether the store has the run under way. */
  isShown: boolean;
}

/**
 * Keeps the accounts of runs in the store, behind the runs: no run waits for it. At most 40 sources are written in a second, those that have
 * waited longest first; until then accounts wait in memory, as many of a source as the store would keep.
 */
export class RunRecorder {
  readonly #options: RunRecorderOptions;
  readonly #records: RunRecords | undefined;
  readonly #process: string;
  readonly #writings = new Map<string, Writing>();
  #flushing: Promise<void> | undefined;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  #cancelWake: () => void = () => undefined;
  #isStopped = false;

  constructor(options: RunRecorderOptions) {
    this.#options = options;
    this.#records = options.records && new RunRecords(options.records);
    this.#process = options.owner.split(":").slice(0, 2).join(":");
  }

  /** A run begins under its lease. */
  begin({ source, runId }: NamedRun, lease: Lease): RecordedRun {
    const { clock, requestsOf } = this.#options;
    const tally = new RunTally(lease.cursor);
    if (this.#records === undefined) return { tally, ended: () => undefined };
    const beganAtMs = steadyNow(clock);
    const begun = {
      source: { kind: source.kind, name: source.name },
      runId,
      epoch: lease.epoch,
      process: this.#process,
      ...(lease.dueMs === undefined ? {} : { dueMs: lease.dueMs }),
      resumed: lease.resumed,
      startedAtMs: clock.now(),
      tally,
      requestsBefore: requestsOf(source),
      beganAtMs,
    };
    const writing = this.#writingOf(source);
    writing.running = begun;
    writing.isShown = false;
    this.#plan(writing, writing.isQuiet ? quietGatherMs : gatherMs);
    return {
      tally,
      ended: (outcome) => {
        if (writing.running === begun) writing.running = undefined;
        const account = this.#accountOf(begun, outcome);
        writing.pending = addAccount(writing.pending, account);
        // Without its lease a run that is shown as under way would pass for a killed one.
        const waits = writing.isQuiet && isWithoutNews(account) && !writing.isShown;
        this.#plan(writing, waits ? quietGatherMs : gatherMs);
      },
    };
  }

  /** Writes what is not written yet, as far as the store answers before `signal` aborts. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#isStopped = true;
    this.#cancelWake();
    await this.#flushing;
    while (!signal.aborted && this.#due(Number.POSITIVE_INFINITY).length > 0) {
      const isWritten = await this.#flush(this.#due(Number.POSITIVE_INFINITY));
      if (!isWritten) return;
    }
  }

  #writingOf(source: SourceKey): Writing {
    const key = formatSourceKey(source);
    const known = this.#writings.get(key);
    if (known !== undefined) return known;
    const { kind, name } = source;
    const writing: Writing = {
      source: { kind, name },
      pending: [],
      unanswered: [],
      running: undefined,
      atMs: Number.POSITIVE_INFINITY,
      isQuiet: false,
      isShown: false,
    };
    this.#writings.set(key, writing);
    return writing;
  }

  #accountOf(
    { requestsBefore, beganAtMs, ...run }: NonNullable<Writing["running"]>,
    outcome: RunOutcome | undefined,
  ): RunAccount {
    const { clock, clean, requestsOf } = this.#options;
    const moment = {
      outcome,
      durationMs: steadyNow(clock) - beganAtMs,
      requests: Math.max(0, requestsOf(run.source) - requestsBefore),
    };
    return accountOf(run, moment, (text) => clean(run.source, text));
  }

  #plan(writing: Writing, inMs: number): void {
    writing.atMs = Math.min(writing.atMs, steadyNow(this.#options.clock) + inMs);
    this.#wakeAt(writing.atMs);
  }

  #wakeAt(atMs: number): void {
    if (this.#isStopped || this.#flushing !== undefined || atMs >= this.#wakeAtMs) return;
    const { clock } = this.#options;
    this.#cancelWake();
    this.#wakeAtMs = atMs;
    this.#cancelWake = clock.after(Math.max(1, Math.ceil(atMs - steadyNow(clock))), () => this.#wake());
  }

  #wake(): void {
    this.#wakeAtMs = Number.POSITIVE_INFINITY;
    const { clock } = this.#options;
    this.#flushing = this.#flush(this.#due(steadyNow(clock))).then((isWritten) => {
      this.#flushing = undefined;
      let nextAtMs = Number.POSITIVE_INFINITY;
      for (const { atMs } of this.#writings.values()) nextAtMs = Math.min(nextAtMs, atMs);
      const isBehind = nextAtMs <= steadyNow(clock);
      const pauseMs = isWritten ? (isBehind ? pauseWhenBusyMs : 0) : retryAfterMs;
      if (nextAtMs < Number.POSITIVE_INFINITY) this.#wakeAt(Math.max(nextAtMs, steadyNow(clock) + pauseMs));
    });
  }

  /** The sources that are to be written now, those that have waited longest first. */
  #due(nowMs: number): readonly Writing[] {
    return [...this.#writings.values()]
      .filter(({ atMs }) => atMs <= nowMs && atMs < Number.POSITIVE_INFINITY)
      .toSorted((left, right) => left.atMs - right.atMs)
      .slice(0, mostPerFlush);
  }

  /** Resolves with whether the store took all of them. */
  async #flush(writings: readonly Writing[]): Promise<boolean> {
    for (let start = 0; start < writings.length; start += atOnce) {
      const results = await Promise.all(writings.slice(start, start + atOnce).map((writing) => this.#write(writing)));
      if (results.includes(false)) return false;
    }
    return true;
  }

  async #write(writing: Writing): Promise<boolean> {
    const { clock, logger } = this.#options;
    const { source, running } = writing;
    const ended = [...writing.unanswered, ...writing.pending].slice(-mostAccounts);
    const accounts = [...ended, ...(running === undefined ? [] : [this.#accountOf(running, undefined)])];
    writing.atMs = running === undefined || this.#isStopped ? Number.POSITIVE_INFINITY : steadyNow(clock) + progressEveryMs;
    writing.pending = [];
    writing.unanswered = ended;
    if (accounts.length === 0 || this.#records === undefined) return true;
    if (running !== undefined) writing.isShown = true;
    try {
      await within({ clock, timeoutMs: answerWithinMs }, async () => this.#records?.add(source, accounts));
      writing.unanswered = [];
      const last = ended.at(-1);
      if (last !== undefined) writing.isQuiet = isWithoutNews(last);
      // A source that does not run for long need not be remembered here.
      if (writing.pending.length === 0 && writing.running === undefined && !writing.isQuiet)
        this.#writings.delete(formatSourceKey(source));
      return true;
    } catch (error) {
      logger.debug("the accounts of runs could not be stored", { source: formatSourceKey(source), error });
      writing.atMs = Math.min(writing.atMs, steadyNow(clock) + retryAfterMs);
      return false;
    }
  }
}
