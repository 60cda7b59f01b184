import type { NoticeEvent, NoticesConfig } from "@statewave-connectors/config/result";
import { type Clock, ConnectorsError, isConnectorsError, type Logger, sleep } from "@statewave-connectors/connector-sdk";
import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { within } from "../deadline/within.ts";
import { stoppingError } from "../pull/pull-errors.ts";
import { acquireRecordLease, type RecordLeaseOptions } from "../records/record-lease.ts";
import { steadyNow } from "../steady-now.ts";
import { decideIncidents } from "./incidents/decide-incidents.ts";
import { judgeDowntime, type StartSnapshot } from "./downtime.ts";
import { KeptRecord } from "./kept-record.ts";
import { LastSign } from "./last-sign.ts";
import type { NoticeSender } from "./messages/notice-sender.ts";
import { emptyState, formatState, type NoticeState, parseState } from "./notice-state.ts";
import { type Facts, observe, type SeenState } from "./incidents/observe.ts";
import { emptyOutbox, type Outbox, reportsOf, withDowntime, withReports } from "./messages/outbox.ts";
import { Rhythms } from "./incidents/rhythms.ts";

export interface NoticesOptions {
  readonly config: NoticesConfig;
  readonly records: StoreRecords;
  /** Of the right to send. */
  readonly lease: RecordLeaseOptions;
  /** What is known at this moment, but for the rhythms. Never rejects. */
  readonly look: () => Promise<Omit<Facts, "seen"> & { readonly seen: Omit<SeenState, "rhythms"> | undefined }>;
  readonly sender: Pick<NoticeSender, "send">;
  readonly snapshot: Promise<StartSnapshot>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const scope = "notices";
const looksPerSettle = 4;
const lookAtLeastEveryMs = 15_000;
const lookAtMostEveryMs = 200;
/** A look that takes long, because the store is slow or the sources are many, is followed by a rest of this many times as long. */
const restPerLook = 10;
const longestRestMs = 60_000;
const signsPerSettle = 3;
const signAtLeastEveryMs = 60_000;
const answerWithinMs = 10_000;
const storeRetryMs = 10_000;
/** A full disk must still be reported although nothing can be stored, so after this many failed writes in a row a message is sent unsaved. */
const failedSavesUntilSent = 2;
/** A message under way at a stop may end, so that the next start does not send it again. */
const cutOffAfterMs = 3_000;

/**
 * Looks for troubles again and again, in one process of all that share the state, and sends a message when one begins and when it is over.
 * Nothing waits for it. What was decided is stored before it is sent, so another process, or the next start, resumes from there.
 */
export class Notices {
  readonly #options: NoticesOptions;
  readonly #stopping = new AbortController();
  readonly #cutOff = new AbortController();
  readonly #record: KeptRecord;
  readonly #rhythms: Rhythms;
  readonly #lastSign: LastSign;
  #state: NoticeState = emptyState;
  #stored: string | undefined;
  /** In a row. */
  #failedSaves = 0;
  #isFailing = false;
  #hasJudgedDowntime = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: NoticesOptions) {
    const { records, random } = options;
    this.#options = options;
    this.#record = new KeptRecord({ records, scope, key: "state", random });
    this.#rhythms = new Rhythms(new KeptRecord({ records, scope, key: "rhythms", random }));
    this.#lastSign = new LastSign(records);
  }

  start(): void {
    this.#running = this.#run(this.#stopping.signal);
  }

  /** Ends within a few seconds, also when the store does not answer. */
  async stop(): Promise<void> {
    this.#stopping.abort(stoppingError());
    const cancel = this.#options.clock.after(cutOffAfterMs, () => this.#cutOff.abort(stoppingError()));
    await this.#running;
    cancel();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { lease: options, clock, logger } = this.#options;
    while (!signal.aborted) {
      try {
        const lease = await acquireRecordLease(options, signal);
        try {
          await this.#watch(lease.signal);
        } finally {
          if (signal.aborted) await this.#leaveSign().catch(() => undefined);
          await lease.release();
        }
      } catch (error) {
        if (signal.aborted) return;
        // Another process may have taken over, and failures in a row are one.
        const level = isConnectorsError(error, "STORE_LEASE_LOST") || this.#isFailing ? "debug" : "warn";
        this.#isFailing = true;
        logger[level]("notices are not sent from here for now", { error });
        await sleep(clock, storeRetryMs, signal).catch(() => undefined);
      }
    }
  }

  /** Rejects when `signal` aborts, and when another process has taken over. */
  async #watch(signal: AbortSignal): Promise<void> {
    const lastSignMs = await this.#within(() => this.#load());
    if (!this.#hasJudgedDowntime) {
      await this.#learnDowntime(lastSignMs);
      // Before the first sign, which ends the downtime for every later process.
      await this.#save();
      this.#hasJudgedDowntime = true;
    }
    const ending = new AbortController();
    // Beside the looks: the time of a long one must not become a downtime.
    void this.#leaveSigns(AbortSignal.any([signal, ending.signal]));
    try {
      await this.#keepLooking(signal);
    } finally {
      ending.abort();
    }
  }

  async #keepLooking(signal: AbortSignal): Promise<void> {
    const { config, clock } = this.#options;
    for (;;) {
      const startedAtMs = steadyNow(clock);
      await this.#decide(signal);
      const tookMs = steadyNow(clock) - startedAtMs;
      await this.#save();
      this.#isFailing = false;
      signal.throwIfAborted();
      if (this.#failedSaves === 0 || this.#failedSaves >= failedSavesUntilSent) {
        const outboxes = await this.#options.sender.send(this.#state.outboxes, this.#cutOff.signal);
        this.#state = { ...this.#state, outboxes };
        await this.#save();
      }
      await this.#orDebug(() => this.#rhythms.save(clock.now()));
      await sleep(clock, Math.max(lookEveryMs(config), Math.min(longestRestMs, restPerLook * tookMs)), signal);
    }
  }

  /** Returns when a process last left a sign. */
  async #load(): Promise<number | undefined> {
    const text = await this.#record.load();
    this.#stored = text;
    this.#state = text === undefined ? emptyState : parseState(text);
    await this.#rhythms.load();
    return this.#lastSign.read();
  }

  /** Its message waits until what began and ended meanwhile is known. */
  async #learnDowntime(notedAtMs: number | undefined): Promise<void> {
    if (notedAtMs === undefined) return;
    const { config, clock, snapshot } = this.#options;
    const downtime = await judgeDowntime(await snapshot, { notedAtMs, shortestMs: config.settleMs });
    if (downtime === undefined) return;
    const wait = { nowMs: clock.now(), forMs: config.settleMs + 2 * lookEveryMs(config) };
    this.#eachOutbox((outbox, events) => (events.has("downtime") ? withDowntime(outbox, downtime, wait) : outbox));
  }

  async #decide(signal: AbortSignal): Promise<void> {
    const { config, clock, look } = this.#options;
    const { seen, ...facts } = await look();
    signal.throwIfAborted();
    if (seen !== undefined) this.#rhythms.learn(seen.report, this.#options.clock.now());
    const known = { ...facts, seen: seen && { ...seen, rhythms: this.#rhythms.all } };
    const decided = decideIncidents(observe(known, config), this.#state.incidents, {
      nowMs: clock.now(),
      settleMs: config.settleMs,
    });
    this.#state = { ...this.#state, incidents: decided.incidents };
    const reports = reportsOf(decided);
    if (reports.length === 0) return;
    this.#eachOutbox((outbox, events) =>
      withReports(
        outbox,
        reports.filter(({ event }) => events.has(event)),
      ),
    );
  }

  #eachOutbox(change: (outbox: Outbox, events: ReadonlySet<NoticeEvent>) => Outbox): void {
    const outboxes = new Map(this.#state.outboxes);
    for (const { name, events } of this.#options.config.notify)
      outboxes.set(name, change(outboxes.get(name) ?? emptyOutbox, new Set(events)));
    this.#state = { ...this.#state, outboxes };
  }

  async #save(): Promise<void> {
    const text = formatState(this.#state);
    const isSaved = text === this.#stored || (await this.#orDebug(() => this.#record.save(text)));
    if (isSaved === false) throw overtaken();
    this.#failedSaves = isSaved === true ? 0 : this.#failedSaves + 1;
    if (isSaved === true) this.#stored = text;
  }

  /** Until `signal` aborts. Never rejects. */
  async #leaveSigns(signal: AbortSignal): Promise<void> {
    const { config, clock } = this.#options;
    const everyMs = Math.min(signAtLeastEveryMs, Math.max(lookAtMostEveryMs, config.settleMs / signsPerSettle));
    while (!signal.aborted) {
      await this.#orDebug(() => this.#leaveSign());
      await sleep(clock, everyMs, signal).catch(() => undefined);
    }
  }

  #leaveSign(): Promise<void> {
    return this.#within(() => this.#lastSign.write(this.#options.clock.now()));
  }

  async #orDebug<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await this.#within(work);
    } catch (error) {
      this.#options.logger.debug("what notices remember could not be stored", { error });
      return undefined;
    }
  }

  #within<Result>(work: () => Promise<Result>): Promise<Result> {
    return within({ clock: this.#options.clock, timeoutMs: answerWithinMs }, work);
  }
}

function lookEveryMs({ settleMs }: Pick<NoticesConfig, "settleMs">): number {
  return Math.min(lookAtLeastEveryMs, Math.max(lookAtMostEveryMs, settleMs / looksPerSettle));
}

function overtaken(): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_LEASE_LOST",
    message: 'the lease for "notices" is lost: another process has written what notices remember',
    hint: "look at the log of the process that holds it now",
    retryable: true,
  });
}
