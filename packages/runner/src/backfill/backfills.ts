import { hostname } from "node:os";
import { type Clock, isConnectorsError, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { orAborted } from "../deadline/or-aborted.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { BuryItem } from "../pages/bury-failures.ts";
import { logItemsBuried } from "../pages/log-items-buried.ts";
import { pullOf } from "../pull/pull-of.ts";
import { defaultLeaseTtlMs } from "../pull/lease-keeper.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import { isStop, stoppingError } from "../pull/pull-errors.ts";
import { type HeldRecordLease, tryRecordLease } from "../records/record-lease.ts";
import { requireRecords } from "../records/require-records.ts";
import { toRunId } from "../run-id.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import { isShared } from "../state/is-shared.ts";
import { backfillOfOtherSink, backfillRunning, backfillTakenOver, toBackfillError } from "./backfill-errors.ts";
import { backfillId, type BackfillJob, isResumable } from "./backfill-job.ts";
import { BackfillRecords } from "./backfill-records.ts";
import { type BackfillRequest, newJob, type RangedPull, readsRanges, requireRange, resumedJob } from "./backfill-request.ts";
import { type BackfillView, viewOf } from "./backfill-view.ts";
import { countRange, type RangeCount } from "./count-range.ts";
import { HeldBackfill } from "./held-backfill.ts";
import { ProgressReports } from "./progress-reports.ts";
import { type BackfillEnd, runBackfill, type RunBackfillOptions } from "./run-backfill.ts";
import { type OnBackfillProgress, RunningBackfill } from "./running-backfill.ts";
import { watchForCancel } from "./watch-for-cancel.ts";

export interface BackfillsOptions {
  readonly entries: { readonly pulls: readonly OpenedPull[] };
  readonly store: CursorStore;
  readonly sink: SinkIdentity;
  readonly delivery: Pick<Delivery, "deliver" | "state" | "whenUp">;
  readonly buryItem: BuryItem;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly telemetry?: RunBackfillOptions["telemetry"];
  /** Unique per process. */
  readonly owner: string;
  readonly syncTimeoutMs: number;
  readonly leaseTtlMs?: number | undefined;
  /** Removes what `[privacy]` hides from a text that may quote the source. Default: nothing. */
  readonly redact?: (source: SourceKey, text: string) => string;
}

/** How often a process looks for backfills that another one left. */
const lookForLeftMs = 30_000;

/**
 * Runs backfills: one process each, under a lease of its own, beside the live pull, whose cursor they neither read nor move. What a process
 * leaves unfinished, itself or another one resumes from the last checkpoint.
 */
export class Backfills {
  readonly #options: BackfillsOptions;
  readonly #running = new Map<string, RunningBackfill>();
  readonly #stop = new AbortController();
  readonly #abort = new AbortController();
  /** What a stop makes of those that run: `stopped` are resumed by their command only. */
  #leftAs: "open" | "stopped" = "open";
  #cancelLook: () => void = () => undefined;
  #reportedOtherSink = false;

  constructor(options: BackfillsOptions) {
    this.#options = options;
  }

  /** Resumes what was left, now and later on. */
  start(): void {
    if (this.#options.store.records === undefined) return;
    const look = () => {
      void this.#resumeLeft()
        .catch((error: unknown) => this.#options.logger.debug("backfills cannot be read", { error }))
        .finally(() => {
          if (!this.#stop.signal.aborted) this.#cancelLook = this.#options.clock.after(lookForLeftMs, look);
        });
    };
    look();
  }

  /**
   * Starts a backfill, or resumes it from its last checkpoint, and resolves when it is over; one that runs here already gets the rate of the
   * request. When `signal` aborts, the caller stops waiting; the backfill continues. Throws what ended it, `PULL_BACKFILL_RUNNING` while another process runs it, and as `requireRange` does.
   */
  async run(request: BackfillRequest, onProgress: OnBackfillProgress | undefined, signal: AbortSignal): Promise<BackfillView> {
    const pull = this.#pullOf(request, true);
    const id = backfillId(pull.key, request.rangeText, request.stream);
    const known = this.#running.get(id);
    const running = known ?? this.#begin(id, pull, request);
    const unfollow = onProgress === undefined ? undefined : running.follow(onProgress);
    try {
      await known?.adjust(request);
      return await orAborted(running.ended, signal);
    } finally {
      unfollow?.();
    }
  }

  /** Counts what a backfill would deliver. Delivers nothing, writes nothing. */
  async count(request: BackfillRequest, onProgress: OnBackfillProgress | undefined, signal: AbortSignal): Promise<RangeCount> {
    const reports = new ProgressReports<BackfillView>(this.#options.clock, (view) => onProgress?.(view));
    const options = { ...this.#options, pull: this.#pullOf(request, false), signal };
    return countRange(request, { ...options, onProgress: (view) => reports.add(view, view.pause !== undefined) });
  }

  /** Starts nothing new; backfills end at their next checkpoint, or are aborted when `signal` aborts. */
  async stop(signal: AbortSignal, leftAs: "open" | "stopped" = "open"): Promise<void> {
    if (!this.#stop.signal.aborted) this.#leftAs = leftAs;
    this.#cancelLook();
    this.#stop.abort(stoppingError());
    const abort = () => this.#abort.abort(stoppingError());
    // A page that waits for an unreachable sink would wait for the whole drain.
    if (signal.aborted || !this.#options.delivery.state.wantsMore) abort();
    else signal.addEventListener("abort", abort, { once: true });
    await Promise.allSettled([...this.#running.values()].map(({ ended }) => ended));
    signal.removeEventListener("abort", abort);
  }

  #pullOf(request: BackfillRequest, delivers: boolean): RangedPull {
    const { pulls } = this.#options.entries;
    return requireRange(pullOf(pulls, request.source), request, { pulls, delivers });
  }

  #begin(id: string, pull: RangedPull, request: BackfillRequest | undefined): RunningBackfill {
    const running = new RunningBackfill(this.#options.clock, (of) =>
      this.#runUnderLease(id, pull, request, of).finally(() => this.#running.delete(id)),
    );
    this.#running.set(id, running);
    return running;
  }

  async #runUnderLease(
    id: string,
    pull: RangedPull,
    request: BackfillRequest | undefined,
    running: RunningBackfill,
  ): Promise<BackfillView> {
    const { store, random, leaseTtlMs = defaultLeaseTtlMs } = this.#options;
    this.#stop.signal.throwIfAborted();
    const records = new BackfillRecords(requireRecords(store), random);
    const lease = await tryRecordLease(
      {
        ...this.#options,
        record: records.lease(id),
        work: "a backfill",
        lost: () => backfillTakenOver({ id }),
        ttlMs: leaseTtlMs,
        isShared: isShared(store),
      },
      this.#abort.signal,
    );
    if (lease === undefined) throw await this.#heldElsewhere(records, id, pull.key);
    try {
      const held = await this.#claim(records, id, request);
      if (held === undefined) throw backfillTakenOver({ id });
      await running.hold(held);
      return await this.#runHeld(held, pull, lease, running);
    } finally {
      running.reports.flush();
      await lease.release();
    }
  }

  async #heldElsewhere(records: BackfillRecords, id: string, source: SourceKey) {
    const holder = await records.holder(id);
    return backfillRunning({ id, source }, holder === undefined ? "another process" : `process ${holder.pid} on ${holder.host}`);
  }

  /** The record of the backfill, as this process's; undefined when there is nothing to run. */
  async #claim(records: BackfillRecords, id: string, request: BackfillRequest | undefined): Promise<HeldBackfill | undefined> {
    const { clock, sink, logger } = this.#options;
    const stored = await records.get(id);
    const isLeft = stored !== undefined && isResumable(stored.job);
    // Without a request, only what no operator has stopped.
    if (request === undefined && stored?.job.status !== "open") return undefined;
    if (isLeft && stored.job.sink.fingerprint !== sink.fingerprint) throw backfillOfOtherSink(stored.job, sink);
    const job = isLeft ? resumedJob(stored.job, request) : request && newJob(id, request, sink, clock.now());
    if (job === undefined) return undefined;
    // Also a job that is not changed is written: from now on a process that had it before is refused.
    const version = await records.write(job, stored?.version ?? (await this.#replaced(records, job)));
    if (version === undefined) return undefined;
    try {
      return await HeldBackfill.open(records, { job, version }, clock);
    } catch (error) {
      if (!isConnectorsError(error, "STORE_RECORD_UNREADABLE")) throw error;
      // No further attempt finds its cursor: it is shown with the reason instead of being tried every half minute.
      logger.error("backfill failed", { source: formatSourceKey(job.source), backfill: id, error });
      const kept = toBackfillError(error, (text) => this.#clean(job.source, text));
      await records.write({ ...job, status: "failed", error: kept, updatedAtMs: clock.now() }, version);
      throw error;
    }
  }

  /** The version of what a new job replaces: without a request a record that cannot be read is left alone. */
  async #replaced(records: BackfillRecords, { id, source }: BackfillJob): Promise<number> {
    const version = await records.versionOf(id);
    if (version > 0)
      this.#options.logger.warn("the record of a backfill cannot be read: the whole range is read again", {
        source: formatSourceKey(source),
        backfill: id,
      });
    return version;
  }

  async #runHeld(
    held: HeldBackfill,
    pull: RangedPull,
    lease: HeldRecordLease,
    { reports }: RunningBackfill,
  ): Promise<BackfillView> {
    const { clock, logger, delivery, owner } = this.#options;
    const watch = new AbortController();
    const unwatch = watchForCancel(held, watch, clock);
    const fields = { source: formatSourceKey(pull.key), backfill: held.job.id, run_id: toRunId(this.#options.random) };
    const { since, until, stream, counts } = held.job;
    logger.info("backfill running", {
      ...fields,
      since,
      until,
      ...(stream !== undefined && { stream }),
      episodes_before: counts.episodes,
    });
    const holder = { owner, host: hostname(), pid: process.pid };
    const show = (job: BackfillJob, pause?: BackfillView["pause"]) =>
      reports.add(viewOf(job, { nowMs: clock.now(), holder, pause }), pause !== undefined);
    try {
      const end = await runBackfill({
        ...this.#options,
        held,
        pull,
        deliver: (request) => delivery.deliver(request),
        whenUp: (signal) => delivery.whenUp(signal),
        runId: fields.run_id,
        signal: AbortSignal.any([lease.signal, watch.signal]),
        stop: this.#stop.signal,
        onProgress: (job) => show(job),
        onPause: (error, untilMs) => {
          logger.info("backfill waits", { ...fields, until: new Date(untilMs).toISOString(), error });
          show(held.job, { code: error.code, message: this.#clean(pull.key, error.message), untilMs });
        },
        onItemsBuried: (failures) => logItemsBuried(logger, { source: pull.key, runId: fields.run_id }, failures),
      });
      return await this.#settle(held, end, fields);
    } catch (error) {
      if (isConnectorsError(error, "PULL_BACKFILL_CANCELLED")) logger.info("backfill cancelled", fields);
      else if (!isStop(error)) logger.warn("backfill broke off; it is resumed", { ...fields, error });
      else if (this.#leftAs === "stopped") await held.save({ status: "stopped" }).catch(() => undefined);
      throw error;
    } finally {
      unwatch();
    }
  }

  async #settle(held: HeldBackfill, end: BackfillEnd, fields: Readonly<Record<string, unknown>>): Promise<BackfillView> {
    const { logger, clock } = this.#options;
    if (end.type === "done") {
      logger.info("backfill done", { ...fields, ...held.job.counts });
      return viewOf(held.job, { nowMs: clock.now() });
    }
    if (end.type === "stopping") {
      await held.save({ status: this.#leftAs });
      throw stoppingError();
    }
    const { error } = end;
    logger.error("backfill failed", { ...fields, ...held.job.counts, error });
    // Where nothing was read, there is nothing to resume: a mistyped stream leaves no trace.
    if (held.job.counts.pages === 0 && held.cursor === undefined) await held.delete();
    else await held.save({ status: "failed", error: toBackfillError(error, (text) => this.#clean(held.job.source, text)) });
    throw error;
  }

  /** It is stored, listed and exported. */
  #clean(source: SourceKey, text: string): string {
    const { redact = (_: SourceKey, given: string) => given } = this.#options;
    return maskSecrets(redact(source, text));
  }

  /** Runs what no process runs, if its source is configured and its sink is this one. */
  async #resumeLeft(): Promise<void> {
    const { store, random, entries, sink, logger, delivery } = this.#options;
    // Another process may reach the sink.
    if (!delivery.state.wantsMore || !entries.pulls.some(readsRanges)) return;
    const records = new BackfillRecords(requireRecords(store), random);
    for (const { job } of await records.list()) {
      if (job.status !== "open" || this.#running.has(job.id) || this.#stop.signal.aborted) continue;
      const pull = entries.pulls.find(({ key }) => formatSourceKey(key) === formatSourceKey(job.source));
      if (pull === undefined || !readsRanges(pull) || pull.entry.dryRun) continue;
      if (job.sink.fingerprint !== sink.fingerprint) {
        if (!this.#reportedOtherSink)
          logger.warn("a backfill of another sink is not resumed", { error: backfillOfOtherSink(job, sink) });
        this.#reportedOtherSink = true;
        continue;
      }
      this.#begin(job.id, pull, undefined);
    }
  }
}
