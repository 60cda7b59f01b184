import { hostname } from "node:os";
import { type Clock, isConnectorsError, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Delivery } from "../delivery/delivery.ts";
import { logItemsBuried } from "../pages/log-items-buried.ts";
import { isStop, stoppingError } from "../pull/pull-errors.ts";
import { toRunId } from "../run-id.ts";
import { toBackfillError } from "./backfill-errors.ts";
import type { BackfillJob } from "./backfill-job.ts";
import { type BackfillView, viewOf } from "./backfill-view.ts";
import type { HeldBackfill } from "./held-backfill.ts";
import type { ProgressReports } from "./progress-reports.ts";
import { type BackfillEnd, runBackfill, type RunBackfillOptions } from "./run-backfill.ts";
import { watchForCancel } from "./watch-for-cancel.ts";

export interface HeldRunOptions extends Pick<
  RunBackfillOptions,
  "pull" | "buryFailedItem" | "random" | "syncTimeoutMs" | "telemetry" | "stop"
> {
  readonly delivery: Pick<Delivery, "deliver" | "whenUp">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Unique per process. */
  readonly owner: string;
  /** Aborted when the lease is lost. */
  readonly lease: AbortSignal;
  readonly reports: ProgressReports<BackfillView>;
  /** What a stop makes of it. */
  readonly leftAs: () => "open" | "stopped";
  /** Removes what must not be stored or shown from the text of an error. */
  readonly clean: (source: SourceKey, text: string) => string;
}

/** Runs a claimed backfill, reports and logs how it goes, and stores how it ended. Throws what ended it, unless it is done. */
export async function runHeldBackfill(held: HeldBackfill, options: HeldRunOptions): Promise<BackfillView> {
  const { clock, logger, delivery, owner, pull, lease, reports, leftAs, clean } = options;
  const watch = new AbortController();
  const unwatch = watchForCancel(held, watch, clock);
  const fields = { source: formatSourceKey(pull.key), backfill: held.job.id, run_id: toRunId(options.random) };
  logger.info("backfill running", { ...fields, ...rangeOf(held.job), episodes_before: held.job.counts.episodes });
  const holder = { owner, host: hostname(), pid: process.pid };
  const show = (job: BackfillJob, pause?: BackfillView["pause"]) =>
    reports.add(viewOf(job, { nowMs: clock.now(), holder, pause }), pause !== undefined);
  try {
    const end = await runBackfill({
      ...options,
      held,
      deliver: (request) => delivery.deliver(request),
      whenUp: (signal) => delivery.whenUp(signal),
      runId: fields.run_id,
      signal: AbortSignal.any([lease, watch.signal]),
      onProgress: (job) => show(job),
      onPause: (error, untilMs) => {
        logger.info("backfill waits", { ...fields, until: new Date(untilMs).toISOString(), error });
        show(held.job, { code: error.code, message: clean(pull.key, error.message), untilMs });
      },
      pageObservers: [
        { itemsBuried: (failures) => logItemsBuried(logger, { source: pull.key, runId: fields.run_id }, failures) },
      ],
    });
    return await settle(held, end, fields, options);
  } catch (error) {
    if (isConnectorsError(error, "PULL_BACKFILL_CANCELLED")) logger.info("backfill cancelled", fields);
    else if (!isStop(error)) logger.warn("backfill broke off; it is resumed", { ...fields, error });
    else if (leftAs() === "stopped") await held.save({ status: "stopped" }).catch(() => undefined);
    throw error;
  } finally {
    unwatch();
  }
}

function rangeOf({ since, until, stream }: BackfillJob) {
  return { since, until, ...(stream !== undefined && { stream }) };
}

async function settle(
  held: HeldBackfill,
  end: BackfillEnd,
  fields: Readonly<Record<string, unknown>>,
  { logger, clock, leftAs, clean }: HeldRunOptions,
): Promise<BackfillView> {
  if (end.type === "done") {
    logger.info("backfill done", { ...fields, ...held.job.counts });
    return viewOf(held.job, { nowMs: clock.now() });
  }
  if (end.type === "stopping") {
    await held.save({ status: leftAs() });
    throw stoppingError();
  }
  const { error } = end;
  logger.error("backfill failed", { ...fields, ...held.job.counts, error });
  // Where nothing was read, there is nothing to resume: a mistyped stream leaves no trace.
  if (held.job.counts.pages === 0 && held.cursor === undefined) await held.delete();
  else await held.save({ status: "failed", error: toBackfillError(error, (text) => clean(held.job.source, text)) });
  throw error;
}
