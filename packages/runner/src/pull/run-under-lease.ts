import type { Clock, Logger } from "@statewave-connectors/connector-sdk";
import { formatSourceKey, noTelemetry, type Telemetry, type TracedSpan } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, Lease } from "@statewave-connectors/connector-sdk/store";
import type { Delivery } from "../delivery/delivery.ts";
import type { BuryFailedItem } from "../pages/bury-failures.ts";
import type { CursorHistory } from "../history/cursor-history.ts";
import { logItemsBuried } from "../pages/log-items-buried.ts";
import { orAborted } from "../deadline/or-aborted.ts";
import { toRunId } from "../run-id.ts";
import { steadyNow } from "../steady-now.ts";
import { isShared } from "../state/is-shared.ts";
import { deliverUnlessDown } from "./deliver-unless-down.ts";
import type { FirstSyncs } from "./first-syncs.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import { logOverlongPause, logProgress, logRun, type NamedRun } from "./log-run.ts";
import { planEndOfLease, type EndOfLease, storeRetryMs } from "./plan-end-of-lease.ts";
import { planClaim } from "./planned-claim.ts";
import type { PullObserver } from "./pull-observer.ts";
import { causeOf } from "./run-cause.ts";
import type { RunListener } from "./run-listener.ts";
import { runPull, type RunOutcome } from "./run-pull.ts";
import type { Readings } from "../progress/readings.ts";
import type { RunRecorder } from "../runs/run-recorder.ts";
import type { RunTally } from "../runs/run-tally.ts";
import type { ScheduleClock } from "./schedule-clock.ts";
import type { RequestedRun, ScheduledSource } from "./scheduled-source.ts";

export interface RunContext {
  readonly store: CursorStore;
  readonly keeper: Pick<LeaseKeeper, "hold">;
  readonly firstSyncs: FirstSyncs;
  /** How far sources are read that take more than one run, or a long one. */
  readonly readings: Readings;
  readonly delivery: Pick<Delivery, "deliver" | "state" | "onStateChange">;
  readonly buryFailedItem: BuryFailedItem;
  readonly clock: Clock;
  /** By which dues are met. */
  readonly schedule: ScheduleClock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly observer: PullObserver;
  /** Default: nothing is traced. */
  readonly telemetry?: Telemetry | undefined;
  readonly runs?: RunListener | undefined;
  /** Keeps the account of each run. */
  readonly recorder?: Pick<RunRecorder, "begin"> | undefined;
  readonly syncTimeoutMs: number;
  /** Aborts every run. */
  readonly signal: AbortSignal;
  /** Whether runs are to end at their next checkpoint. */
  readonly isStopping: () => boolean;
  /** Where a run that moved its cursor is noted. */
  readonly history?: Pick<CursorHistory, "add"> | undefined;
  /** Awaited before each checkpoint; never rejects. */
  readonly beforeCheckpoint?: ((lease: Lease) => Promise<void>) | undefined;
}

export interface LeasedRun {
  readonly lease: Lease;
  /** When the lease was requested, steady time. */
  readonly requestedAtMs: number;
  /** The requests that this run answers. */
  readonly requests: readonly RequestedRun[];
}

/** Runs a source while it holds the lease, releases the lease, and plans the claim of what is left to read. */
export function runUnderLease(source: ScheduledSource, run: LeasedRun, context: RunContext): Promise<void> {
  const { random, telemetry = noTelemetry } = context;
  const named = { source: source.pull.key, runId: toRunId(random) };
  const key = formatSourceKey(named.source);
  const attributes = { "statewave.source": key, "statewave.run_id": named.runId };
  return telemetry.span(`run ${key}`, { attributes }, (span) => runNamed(source, { ...run, named, span }, context));
}

interface NamedLeasedRun extends LeasedRun {
  readonly named: NamedRun;
  readonly span: TracedSpan;
}

async function runNamed(source: ScheduledSource, run: NamedLeasedRun, context: RunContext): Promise<void> {
  const { logger, keeper, isStopping, clock, runs } = context;
  const { lease, requestedAtMs, requests, named, span } = run;
  const hold = keeper.hold(lease, requestedAtMs);
  const startedAtMs = steadyNow(clock);
  const recorded = context.recorder?.begin(named, lease);
  try {
    runs?.started(named);
    let { cursor } = lease;
    const reading = { ...run, tally: recorded?.tally };
    const outcome = await readSource(source, reading, AbortSignal.any([hold.signal, context.signal]), {
      ...context,
      onCheckpoint: (stored) => (cursor = stored),
    });
    span.set({ "statewave.outcome": outcome.type });
    if (outcome.type === "failed") span.fail(outcome.error);
    recorded?.ended(outcome);
    const plan = planEndOfLease({ outcome, isStopping: isStopping(), ...releaseFacts(source, context) });
    logOverlongPause(logger, named, outcome, context.clock.now());
    source.runEnded(outcome, isStopping());
    await noteChange(lease, cursor, hold.signal, context);
    hold.releasing();
    try {
      await release(source, lease, plan, context);
    } catch (error) {
      logger.warn("releasing a lease failed; it lapses by itself", {
        source: formatSourceKey(lease.source),
        run_id: named.runId,
        error,
      });
      claimRemainder(source, lease, storeRetryMs, context);
    }
    logRun(logger, named, outcome, source.failures);
    runs?.ended(named, outcome, steadyNow(clock) - startedAtMs);
    for (const { resolve } of requests) resolve(outcome);
  } finally {
    hold.letGo();
  }
}

async function readSource(
  source: ScheduledSource,
  { lease, requests, named, tally }: LeasedRun & { readonly named: NamedRun; readonly tally: RunTally | undefined },
  signal: AbortSignal,
  context: RunContext & { readonly onCheckpoint: (cursor: string) => void },
): Promise<RunOutcome> {
  const { store, firstSyncs, readings, delivery, logger, isStopping, beforeCheckpoint, onCheckpoint } = context;
  const { buryFailedItem, clock, syncTimeoutMs, observer, telemetry } = context;
  const { pull, isSuspect } = source;
  const cause = causeOf(requests);
  // What a person requested is for that person to end.
  const isManual = requests.some(({ by }) => by === "person");
  // A store that hangs delays this by no more than the lease: the run that follows ends by the same signal.
  const isFirstSync = pull.isTwin && (await orAborted(firstSyncs.begin(lease), signal).catch(() => true));
  const outcome = await runPull({
    pull,
    lease,
    cause,
    async checkpoint(held, cursor) {
      await beforeCheckpoint?.(held);
      // The lease may be lost while a store hangs; nothing is sent under it any more.
      signal.throwIfAborted();
      const isStored = await store.checkpoint(held, cursor);
      if (isStored) onCheckpoint(cursor);
      return isStored;
    },
    // Where no other process can run it, it waits for the sink.
    deliver: (request) => (isShared(store) ? deliverUnlessDown(delivery, request) : delivery.deliver(request)),
    buryFailedItem,
    telemetry,
    wantsFresh: pull.isTwin && !isFirstSync,
    runId: named.runId,
    account: tally?.account,
    isSuspect,
    clock,
    syncTimeoutMs,
    observer,
    pageObservers: [
      { itemsBuried: (failures) => logItemsBuried(logger, named, failures) },
      { pageSafe: ({ progress }) => readings.reached(named, progress) },
      ...(tally === undefined ? [] : [tally]),
    ],
    signal,
    endReason: () =>
      isStopping() ? "stopping" : source.isEndingForReload ? "reloaded" : source.isPaused && !isManual ? "paused" : undefined,
    onStep: (progress) => {
      for (const { onProgress } of requests) onProgress?.(progress);
    },
    onLongRun: (progress, runningMs) => logProgress(logger, named, progress, runningMs),
  });
  if (outcome.type === "done") await orAborted(readings.finish(lease), signal).catch(() => undefined);
  if (isFirstSync && outcome.type === "done") await orAborted(firstSyncs.finish(lease.source), signal).catch(() => undefined);
  return outcome;
}

/** A store that cannot take it costs the history an entry, and the run nothing. */
async function noteChange(
  { source, cursor: before }: Lease,
  cursor: string | undefined,
  signal: AbortSignal,
  { history, logger }: RunContext,
): Promise<void> {
  if (history === undefined || cursor === before) return;
  try {
    await orAborted(history.add({ source, reason: "run", before }), signal);
  } catch (error) {
    logger.debug("the change of a cursor could not be noted", { source: formatSourceKey(source), error });
  }
}

async function release(source: ScheduledSource, lease: Lease, plan: EndOfLease, context: RunContext): Promise<void> {
  const { store } = context;
  switch (plan.type) {
    case "done":
      if (await store.release(lease, { type: "done" })) source.dueFinished(lease.dueMs);
      // Its cursor was set by hand, or another process took over: the next claim shows which.
      else claimRemainder(source, lease, storeRetryMs, context);
      return;
    case "lost":
      claimRemainder(source, lease, storeRetryMs, context);
      return;
    case "unfinished":
      claimRemainder(source, lease, plan.resumeInMs, context);
      await store.release(lease, plan);
  }
}

/** A run that is not known to be finished is claimed again, however rare its schedule; the store knows when it is free. */
function claimRemainder(
  source: ScheduledSource,
  { dueMs }: Lease,
  inMs: number,
  { schedule, isStopping }: Pick<RunContext, "schedule" | "isStopping">,
): void {
  if (dueMs !== undefined && !isStopping()) source.claimRemainder(planClaim({ dueMs, nowMs: schedule.now(), waitMs: inMs }));
}

function releaseFacts({ nextDueMs, failures }: ScheduledSource, { clock, schedule, random }: RunContext) {
  // A provider's time is on this machine's clock, so the next due is needed on it, too.
  const dueMs = nextDueMs === undefined ? undefined : nextDueMs - schedule.correctionMs;
  return { failures, nowMs: clock.now(), nextDueMs: dueMs, random };
}
