import { toRunId } from "../run-id.ts";
import { logRun } from "./log-run.ts";
import { previewPull } from "./preview-pull.ts";
import type { RunSurroundings } from "./run-under-lease.ts";
import type { RequestedRun, ScheduledSource } from "./scheduled-source.ts";

/** A dry run in place of a run: reads, and delivers nothing. */
export async function previewSource(
  source: ScheduledSource,
  requests: readonly RequestedRun[],
  { store, clock, random, logger, syncTimeoutMs, observer, signal }: RunSurroundings,
): Promise<void> {
  const { pull } = source;
  source.settleClaim(source.claim);
  const outcome = await previewPull({ pull, store, clock, syncTimeoutMs, signal, observer, onEpisode: () => undefined });
  logRun(logger, { source: pull.key, runId: toRunId(random) }, outcome, source.failures);
  for (const { resolve } of requests) resolve(outcome);
}
