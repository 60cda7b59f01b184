import { toRunId } from "../run-id.ts";
import { steadyNow } from "../steady-now.ts";
import { logRun } from "./log-run.ts";
import { previewPull } from "./preview-pull.ts";
import type { RunContext } from "./run-under-lease.ts";
import type { RequestedRun, ScheduledSource } from "./scheduled-source.ts";

/** A dry run in place of a run: reads, and delivers nothing. */
export async function previewSource(
  source: ScheduledSource,
  requests: readonly RequestedRun[],
  { store, clock, random, logger, syncTimeoutMs, observer, runs, signal, isStopping }: RunContext,
): Promise<void> {
  const { pull } = source;
  const named = { source: pull.key, runId: toRunId(random) };
  const startedAtMs = steadyNow(clock);
  source.settleClaim(source.claim);
  runs?.started(named);
  const outcome = await previewPull({
    pull,
    store,
    clock,
    syncTimeoutMs,
    signal,
    endReason: () => (isStopping() ? "stopping" : source.isPaused && requests.length === 0 ? "paused" : undefined),
    observer,
    onEpisode: () => undefined,
  });
  logRun(logger, named, outcome, source.failures);
  runs?.ended(named, outcome, steadyNow(clock) - startedAtMs);
  for (const { resolve } of requests) resolve(outcome);
}
