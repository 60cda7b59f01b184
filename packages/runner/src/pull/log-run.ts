import { isConnectorsError, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { concernsSource } from "../health/sources/trouble.ts";
import type { Progress } from "./progress.ts";
import { overlongPauseMs } from "./plan-resume.ts";
import type { RunOutcome } from "./run-pull.ts";

/** Which run a line is about. */
export interface NamedRun {
  readonly source: SourceKey;
  readonly runId: string;
}

/**
 * Logs how a run ended: a failure of its source as an error, any other failure as a warning, a run with episodes as info, any other run as
 * debug.
 */
export function logRun(logger: Logger, { source, runId }: NamedRun, outcome: RunOutcome, failuresInARow: number): void {
  const where = { source: formatSourceKey(source), run_id: runId };
  if (outcome.type === "failed") {
    const progress = outcome.progress.pages === 0 ? {} : outcome.progress;
    if (isConnectorsError(outcome.error, "RUNNER_STOPPING")) {
      logger.info("run ended early; the rest follows", { ...where, ...progress, reason: "stopping" });
      return;
    }
    // A drain that took too long, a provider's pause, a store or a sink that is down: not a failure of the source.
    const level = concernsSource(outcome.error) ? "error" : "warn";
    logger[level](
      outcome.phase === "sync" ? "run failed while it read the source" : "run failed while it delivered or stored its cursor",
      {
        ...where,
        failures_in_a_row: failuresInARow,
        ...progress,
        ...(outcome.notKept === 0 ? {} : { not_kept: outcome.notKept }),
        error: outcome.error,
      },
    );
    return;
  }
  const { episodes, delivered, buried, skipped, skippedReasons, failed } = outcome.report;
  const facts = {
    ...where,
    episodes,
    delivered,
    buried,
    skipped,
    ...(failed === 0 ? {} : { failed }),
    ...(skippedReasons === undefined ? {} : { skipped_reasons: skippedReasons }),
  };
  if (outcome.type === "partial") logger.info("run ended early; the rest follows", { ...facts, reason: outcome.reason });
  else if (episodes > 0 || failed > 0) logger.info("run done", facts);
  else logger.debug("run done, nothing new", facts);
}

/** Logs that a provider wants a longer pause than it gets: a wrong time must not silence its source. */
export function logOverlongPause(logger: Logger, { source, runId }: NamedRun, outcome: RunOutcome, nowMs: number): void {
  const pauseMs = outcome.type === "failed" ? overlongPauseMs({ error: outcome.error, nowMs }) : undefined;
  if (pauseMs === undefined) return;
  logger.warn("a provider wants a pause of more than a day; its source is read again after a day", {
    source: formatSourceKey(source),
    run_id: runId,
    pause_ms: pauseMs,
  });
}

/** Logs how far a long run has come. */
export function logProgress(logger: Logger, { source, runId }: NamedRun, progress: Progress, runningMs: number): void {
  logger.info("run in progress", { source: formatSourceKey(source), run_id: runId, ...progress, running_ms: runningMs });
}
