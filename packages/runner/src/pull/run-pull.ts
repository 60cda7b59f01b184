import { type Clock, ConnectorsError } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, type RunCause, type Telemetry, toError } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import { Deadline } from "../deadline/deadline.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { PagesAccount, PagesReport } from "../pages/pages-account.ts";
import type { BuryFailedItem } from "../pages/bury-failures.ts";
import { deliverPages } from "../pages/deliver-pages.ts";
import { MappingGuard } from "../pages/mapping-guard.ts";
import { observersInTurn, type PagesObserver } from "../pages/pages-observer.ts";
import { orAborted } from "../deadline/or-aborted.ts";
import type { ReadPage } from "../pages/read-page.ts";
import { leaseLost } from "./lease-keeper.ts";
import type { OpenedPull } from "./opened-pull.ts";
import { type Progress, ProgressCounter, type ProgressOptions } from "./progress.ts";
import { pageMetrics, type PullObserver, type RunPhase } from "./pull-observer.ts";
import { seededCursor } from "./seeded-cursor.ts";
import { noProgress, type PageProgress, RepeatedPages } from "../pages/repeated-pages.ts";
import { steadyNow } from "../steady-now.ts";

export interface RunPullOptions extends Omit<ProgressOptions, "clock"> {
  readonly pull: OpenedPull;
  readonly lease: Lease;
  /** Absent: it is not known. */
  readonly cause?: RunCause;
  readonly checkpoint: CursorStore["checkpoint"];
  readonly deliver: Delivery["deliver"];
  readonly buryFailedItem: BuryFailedItem;
  /** See `DeliverRequest`. */
  readonly wantsFresh?: boolean;
  /** See `DeliverRequest`. */
  readonly runId?: string;
  /** A dry run may end after any page, because no run resumes it. */
  readonly isDryRun?: boolean;
  /** Whether the run before ended because its mapping is broken. */
  readonly isSuspect?: boolean;
  /** What is counted. Default: an account of its own. */
  readonly account?: PagesAccount | undefined;
  /** Called with each page, after the metrics. */
  readonly pageObservers?: readonly Partial<PagesObserver>[];
  readonly clock: Clock;
  readonly syncTimeoutMs: number;
  readonly observer: PullObserver;
  /** Default: nothing is traced. */
  readonly telemetry?: Telemetry | undefined;
  /** Aborts when the lease is lost or the runner's drain is over. */
  readonly signal: AbortSignal;
  /** Called after each safe page: why the run is to end behind it. */
  readonly endReason: () => EndReason | undefined;
}

/** Why a run ends early. `reloaded`: the options of the source have changed, or it has left the configuration. */
export type EndReason = "stopping" | "reloaded" | "paused";

export type RunOutcome =
  | { readonly type: "done"; readonly report: PagesReport }
  /** The rest waits behind the checkpoint. */
  | { readonly type: "partial"; readonly report: PagesReport; readonly reason: "max_items" | EndReason }
  | {
      readonly type: "failed";
      readonly phase: RunPhase;
      readonly error: Error;
      /** The progress of the run. */
      readonly progress: Progress;
      /** See `MappingGuard.notKept`. */
      readonly notKept: number;
    };

/** Runs a source once under its lease: pages → deliver → checkpoint. Never throws; releasing the lease is the caller's. */
export async function runPull(options: RunPullOptions): Promise<RunOutcome> {
  const { pull, lease, clock, observer } = options;
  const { key, entry } = pull;
  const { isDryRun = false, endReason } = options;
  const maxItems = entry.maxItems ?? Number.POSITIVE_INFINITY;
  const startedAtMs = steadyNow(clock);
  const repeated = new RepeatedPages();
  let found: PageProgress = "progress";
  const deadline = new Deadline({
    clock,
    timeoutMs: options.syncTimeoutMs,
    signal: options.signal,
    reason: () => (found === "progress" ? timedOut(pull, options.syncTimeoutMs) : noProgress({ source: key, direction: "pull" })),
  });
  const { signal } = deadline;
  const progress = new ProgressCounter(options);
  const guard = new MappingGuard({ source: key, direction: "pull" }, options.isSuspect);
  let phase: RunPhase = "sync";
  let endedFor: "max_items" | EndReason = "max_items";
  const phases: Partial<PagesObserver> = {
    pageRead(page) {
      // The time-out is the source's: it stands still while the sink waits.
      deadline.pause();
      found = repeated.judge(page);
      if (found === "stuck") throw noProgress({ source: key, direction: "pull" });
      phase = "ingest";
    },
    pageSafe() {
      phase = "sync";
      if (found === "progress") deadline.start();
      else deadline.resume();
    },
  };
  observer.runStarted(key);
  deadline.start();
  try {
    const report = await deliverPages({
      source: key,
      direction: "pull",
      connectorVersion: pull.connectorVersion,
      subject: entry.subject,
      wantsFresh: options.wantsFresh ?? false,
      pages: pull.source.pages(seededCursor(pull, lease.cursor, clock.now()), signal, options.cause),
      ...passedOn(options),
      guard,
      signal,
      account: options.account,
      recordSafe: (page) => recordCursor(options, page),
      enough(episodes, page) {
        // A run that ends after a page without a cursor would deliver the same pages again.
        const reason = episodes >= maxItems && (isDryRun || page.cursor !== undefined) ? "max_items" : endReason();
        endedFor = reason ?? endedFor;
        return reason !== undefined;
      },
      observer: observersInTurn([phases, progress, pageMetrics(key, observer), ...(options.pageObservers ?? [])]),
    });
    observer.runEnded(key, steadyNow(clock) - startedAtMs, report.exhausted ? clock.now() : undefined);
    return report.exhausted ? { type: "done", report } : { type: "partial", report, reason: endedFor };
  } catch (thrown) {
    const error = toError(thrown);
    observer.runFailed(key, phase, error);
    observer.runEnded(key, steadyNow(clock) - startedAtMs, undefined);
    return { type: "failed", phase, error, progress: progress.current, notKept: guard.notKept };
  } finally {
    progress.stop();
    deadline.end();
  }
}

/**
 * A store that hangs holds nothing up beyond the lease: the run ends when its signal aborts, and the epoch decides what becomes of the
 * checkpoint that may still arrive.
 */
async function recordCursor({ lease, checkpoint, signal }: RunPullOptions, page: ReadPage): Promise<void> {
  if (page.cursor === undefined || (await orAborted(checkpoint(lease, page.cursor), signal))) return;
  throw leaseLost(lease, "the store refused its checkpoint");
}

function timedOut(pull: OpenedPull, timeoutMs: number): ConnectorsError {
  return new ConnectorsError({
    code: "PULL_TIMEOUT",
    message: `${formatSourceKey(pull.key)} yielded no page for ${timeoutMs / 1000} s`,
    hint: "raise [runner] sync_timeout if the source is known to be this slow",
    retryable: true,
  });
}

function passedOn({ deliver, buryFailedItem, runId, telemetry }: RunPullOptions) {
  return { deliver, buryFailedItem, runId, telemetry };
}
