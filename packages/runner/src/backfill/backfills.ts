import type { Clock, Logger, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { maskSecrets } from "@statewave-connectors/connector-sdk/secrets";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { orAborted } from "../deadline/or-aborted.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { BuryFailedItem } from "../pages/bury-failures.ts";
import { defaultLeaseTtlMs } from "../pull/lease-keeper.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import { stoppingError } from "../pull/pull-errors.ts";
import { pullOf } from "../pull/pull-of.ts";
import { tryRecordLease } from "../records/record-lease.ts";
import { requireRecords } from "../records/require-records.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import { isShared } from "../state/is-shared.ts";
import { backfillOfOtherSink, backfillRunning, backfillTakenOver } from "./backfill-errors.ts";
import { backfillId } from "./backfill-job.ts";
import { BackfillRecords } from "./backfill-records.ts";
import { type BackfillRequest, type RangedPull, readsRanges, requireRange } from "./backfill-request.ts";
import type { BackfillView } from "./backfill-view.ts";
import { claimBackfill } from "./claim-backfill.ts";
import { countRange, type RangeCount } from "./count-range.ts";
import { ProgressReports } from "./progress-reports.ts";
import type { RunBackfillOptions } from "./run-backfill.ts";
import { runHeldBackfill } from "./run-held-backfill.ts";
import { type OnBackfillProgress, RunningBackfill } from "./running-backfill.ts";

export interface BackfillsOptions {
  readonly entries: { readonly pulls: readonly OpenedPull[] };
  readonly store: CursorStore;
  readonly sink: SinkIdentity;
  readonly delivery: Pick<Delivery, "deliver" | "state" | "whenUp">;
  readonly buryFailedItem: BuryFailedItem;
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
  /** For errors, which are stored, listed and exported. */
  readonly #clean: (source: SourceKey, text: string) => string;

  constructor(options: BackfillsOptions) {
    const { redact = (_: SourceKey, text: string) => text } = options;
    this.#options = options;
    this.#clean = (source, text) => maskSecrets(redact(source, text));
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
      const held = await claimBackfill(id, request, { ...this.#options, records, clean: this.#clean });
      if (held === undefined) throw backfillTakenOver({ id });
      await running.hold(held);
      return await runHeldBackfill(held, {
        ...this.#options,
        pull,
        lease: lease.signal,
        reports: running.reports,
        stop: this.#stop.signal,
        leftAs: () => this.#leftAs,
        clean: this.#clean,
      });
    } finally {
      running.reports.flush();
      await lease.release();
    }
  }

  async #heldElsewhere(records: BackfillRecords, id: string, source: SourceKey) {
    const holder = await records.holder(id);
    return backfillRunning({ id, source }, holder === undefined ? "another process" : `process ${holder.pid} on ${holder.host}`);
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
