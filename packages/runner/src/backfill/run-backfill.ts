import { type Clock, type ConnectorsError, type Episode, isConnectorsError, sleep } from "@statewave-connectors/connector-sdk";
import type { Telemetry } from "@statewave-connectors/connector-sdk/host";
import type { Delivery } from "../delivery/delivery.ts";
import type { DeliverReport } from "../delivery/delivery-request.ts";
import { concernsSource } from "../health/sources/trouble.ts";
import type { BuryFailedItem } from "../pages/bury-failures.ts";
import type { PagesObserver } from "../pages/pages-observer.ts";
import type { ReadPage } from "../pages/read-page.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import { resumeAfterErrorMs } from "../pull/plan-resume.ts";
import type { Progress } from "../pull/progress.ts";
import { silentPullObserver } from "../pull/pull-observer.ts";
import { runPull, type RunOutcome, type RunPullOptions } from "../pull/run-pull.ts";
import { steadyNow } from "../steady-now.ts";
import { endsHold } from "./backfill-errors.ts";
import type { BackfillCounts, BackfillJob, BackfillPlace, ItemsLeft } from "./backfill-job.ts";
import { DeliveryPace } from "./delivery-pace.ts";
import { itemsLeftAfter, placeAfter } from "./estimate-remaining.ts";
import type { BackfillChange } from "./held-backfill.ts";

/** Where a backfill is kept while it runs. */
export interface BackfillKeeper {
  readonly job: BackfillJob;
  readonly cursor: string | undefined;
  save(change: BackfillChange, cursor?: string): Promise<void>;
}

export interface RunBackfillOptions {
  readonly held: BackfillKeeper;
  readonly pull: OpenedPull & { readonly source: Required<Pick<OpenedPull["source"], "range">> };
  readonly deliver: Delivery["deliver"];
  /** Resolves while the sink takes more. */
  readonly whenUp: (signal: AbortSignal) => Promise<void>;
  readonly buryFailedItem: BuryFailedItem;
  readonly clock: Clock;
  readonly random: () => number;
  readonly syncTimeoutMs: number;
  readonly telemetry?: Telemetry | undefined;
  readonly runId: string;
  /** Aborts when the right to run it is lost, or the runner's drain is over. */
  readonly signal: AbortSignal;
  /** Aborts when it is to end at its next checkpoint. */
  readonly stop: AbortSignal;
  readonly onProgress: (job: BackfillJob) => void;
  /** The provider or the network wants a pause. */
  readonly onPause: (error: ConnectorsError, untilMs: number) => void;
  /** See `RunPullOptions`. */
  readonly pageObservers?: RunPullOptions["pageObservers"];
  /** See `RunPullOptions`. */
  readonly isDryRun?: boolean;
}

/** `stopping`: the rest is left behind its cursor. `failed`: no further attempt fixes it. */
export type BackfillEnd =
  | { readonly type: "done" }
  | { readonly type: "stopping" }
  | { readonly type: "failed"; readonly error: Error };

/** So many attempts in a row without a page of progress end it. */
const mostFailures = 20;

/**
 * Reads a range to its end: pages → deliver → cursor in the job. Pauses where a live run would be resumed later. Throws `PULL_BACKFILL_CANCELLED`,
 * `PULL_BACKFILL_LOST`, and the reason of `signal`.
 */
export async function runBackfill(options: RunBackfillOptions): Promise<BackfillEnd> {
  const { held, clock, random, signal, stop, whenUp, onPause } = options;
  const pace = new DeliveryPace(clock, () => held.job.perSecond);
  const tally = new BackfillTally(held.job, clock);
  const waking = AbortSignal.any([signal, stop]);
  let failures = 0;
  for (;;) {
    if (stop.aborted) return { type: "stopping" };
    try {
      await whenUp(waking);
    } catch (error) {
      if (stop.aborted && !signal.aborted) return { type: "stopping" };
      throw error;
    }
    const before = tally.checkpoints;
    const outcome = await attempt(options, tally, pace, waking);
    if (outcome.type === "done") {
      await held.save({ ...tally.change, status: "done", error: undefined });
      return { type: "done" };
    }
    signal.throwIfAborted();
    if (outcome.type === "partial" || stop.aborted) return { type: "stopping" };
    const { error } = outcome;
    if (endsHold(error)) throw error;
    if (tally.checkpoints > before) failures = 0;
    // A pause of the provider, or an outage of our own stores, says nothing of the range.
    else if (concernsSource(error)) failures += 1;
    if (!isWorthRetrying(error) || failures >= mostFailures) return { type: "failed", error };
    const nowMs = clock.now();
    const waitMs = resumeAfterErrorMs({ error, failures: Math.max(0, failures - 1), nowMs, nextDueMs: undefined, random });
    onPause(error, nowMs + waitMs);
    await sleep(clock, waitMs, waking).catch(() => undefined);
    signal.throwIfAborted();
  }
}

function isWorthRetrying(error: unknown): error is ConnectorsError {
  return isConnectorsError(error) && (error.retryable || error.retryAtMs !== undefined);
}

/** Reads from the cursor on until the end, an error or a stop. */
async function attempt(
  options: RunBackfillOptions,
  tally: BackfillTally,
  pace: DeliveryPace,
  waking: AbortSignal,
): Promise<RunOutcome> {
  const { held, pull, clock, stop, onProgress } = options;
  const { since, until, stream } = held.job;
  const range = { since, until, ...(stream === undefined ? {} : { stream }) };
  const { cursor } = held;
  // The limits of the entry are those of its schedule.
  const { maxItems: _, ...entry } = pull.entry;
  tally.begin();
  return runPull({
    pull: {
      ...pull,
      entry,
      source: { pages: (from, signal) => pull.source.range(range, from, signal) },
    },
    lease: { source: pull.key, owner: "backfill", epoch: 0, resumed: false, ...(cursor === undefined ? {} : { cursor }) },
    async checkpoint(_lease, reached) {
      await held.save(tally.change, reached);
      tally.checkpointed();
      onProgress(held.job);
      return true;
    },
    async deliver(request) {
      const report = await paced(options, request, pace, waking);
      tally.delivered(request.episodes, report);
      return report;
    },
    buryFailedItem: options.buryFailedItem,
    telemetry: options.telemetry,
    runId: options.runId,
    isDryRun: options.isDryRun ?? false,
    pageObservers: [tally, ...(options.pageObservers ?? [])],
    clock,
    syncTimeoutMs: options.syncTimeoutMs,
    observer: silentPullObserver,
    signal: options.signal,
    endReason: () => (stop.aborted ? "stopping" : undefined),
    onStep(progress) {
      tally.step(progress);
      onProgress({ ...held.job, ...tally.change });
    },
  });
}

async function paced(
  { deliver }: RunBackfillOptions,
  request: Parameters<Delivery["deliver"]>[0],
  pace: DeliveryPace,
  waking: AbortSignal,
): Promise<DeliverReport> {
  let [delivered, buried, withheld] = [0, 0, 0];
  for await (const episodes of pace.portions(request.episodes, AbortSignal.any([waking, request.signal]))) {
    const report = await deliver({ ...request, episodes });
    delivered += report.delivered;
    buried += report.buried;
    withheld += report.withheld ?? 0;
  }
  return { delivered, buried, withheld };
}

/** The account of a backfill over its attempts: what is behind the cursor, and what the attempt has read since. */
class BackfillTally implements Pick<PagesObserver, "pageRead"> {
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #activeMs: number;
  /** What is behind the stored cursor. */
  #safe: Pick<BackfillJob, "counts" | "place" | "itemsLeft">;
  /** Where the attempt began. */
  #base: BackfillCounts;
  #counts: BackfillCounts;
  #place: BackfillPlace | undefined;
  #itemsLeft: ItemsLeft | undefined;
  #buried = 0;
  #checkpoints = 0;

  constructor({ counts, place, itemsLeft, activeMs }: BackfillJob, clock: Clock) {
    this.#clock = clock;
    this.#startedAtMs = steadyNow(clock);
    this.#activeMs = activeMs;
    this.#safe = { counts, place, itemsLeft };
    this.#base = counts;
    this.#counts = counts;
    this.#place = place;
    this.#itemsLeft = itemsLeft;
  }

  /** Of all attempts. */
  get checkpoints(): number {
    return this.#checkpoints;
  }

  get change() {
    const activeMs = this.#activeMs + steadyNow(this.#clock) - this.#startedAtMs;
    return { counts: this.#counts, place: this.#place, itemsLeft: this.#itemsLeft, activeMs };
  }

  /** An attempt begins at the last checkpoint. */
  begin(): void {
    this.#base = this.#safe.counts;
    this.#counts = this.#safe.counts;
    this.#place = this.#safe.place;
    this.#itemsLeft = this.#safe.itemsLeft;
    this.#buried = 0;
  }

  /** Everything so far is behind the stored cursor. */
  checkpointed(): void {
    this.#checkpoints += 1;
    this.#safe = { counts: this.#counts, place: this.#place, itemsLeft: this.#itemsLeft };
  }

  pageRead({ progress }: Pick<ReadPage, "progress">): void {
    this.#itemsLeft = itemsLeftAfter(this.#itemsLeft, progress);
  }

  step({ pages, episodes, delivered, skipped, failed = 0 }: Progress): void {
    const base = this.#base;
    this.#counts = {
      pages: base.pages + pages,
      episodes: base.episodes + episodes,
      delivered: base.delivered + delivered,
      buried: base.buried + this.#buried,
      skipped: base.skipped + skipped,
      failed: base.failed + failed,
    };
  }

  delivered(episodes: readonly Episode[], { buried }: DeliverReport): void {
    this.#buried += buried;
    this.#place = placeAfter(this.#place, episodes);
  }
}
