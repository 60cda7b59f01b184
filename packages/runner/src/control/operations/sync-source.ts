import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { Engine } from "../../composition/engine.ts";
import { orAborted } from "../../deadline/or-aborted.ts";
import type { Privacy } from "../../privacy/privacy.ts";
import type { OpenedPull } from "../../pull/opened-pull.ts";
import { type PreviewOptions, previewPull } from "../../pull/preview-pull.ts";
import { silentPullObserver } from "../../pull/pull-observer.ts";
import { pullOf } from "../../pull/pull-of.ts";
import type { RunOutcome } from "../../pull/run-pull.ts";
import type { SinkBinding } from "../../sink-binding/sink-binding.ts";
import type { ProcessOperations } from "./operations.ts";
import type { SyncReport } from "./sync-report.ts";

/** Runs a source once, or shows what that would deliver. When `signal` aborts, the caller stops waiting; the run continues. */
export async function syncWith(
  engine: Engine,
  ...[{ source, dryRun, onProgress }, onEpisode, signal]: Parameters<ProcessOperations["sync"]>
): ReturnType<ProcessOperations["sync"]> {
  if (!dryRun) {
    const outcome = await orAborted(engine.scheduler.runForPerson(source, onProgress), signal);
    return { ...toReport(outcome), ...foreignOf(engine.binding, source) };
  }
  const { store, clock, config, entries, privacy } = engine;
  const parts = {
    store,
    clock,
    privacy,
    binding: engine.binding,
    pulls: entries.pulls,
    syncTimeoutMs: config.runner.syncTimeoutMs,
  };
  return preview(parts, source, onEpisode, signal);
}

export interface PreviewParts extends Pick<PreviewOptions, "store" | "clock" | "syncTimeoutMs"> {
  readonly pulls: readonly OpenedPull[];
  readonly binding: SinkBinding;
  readonly privacy: Privacy;
}

/** Shows what a run would deliver: needs neither inbox nor sink. */
export async function preview(
  { pulls, binding, privacy, ...parts }: PreviewParts,
  source: SourceKey,
  show: PreviewOptions["onEpisode"],
  signal: AbortSignal,
): Promise<SyncReport> {
  const onEpisode: typeof show = (episode) => show(privacy.redactEpisode(source, episode));
  const outcome = await previewPull({ ...parts, pull: pullOf(pulls, source), signal, observer: silentPullObserver, onEpisode });
  return { ...toReport(outcome), ...foreignOf(binding, source) };
}

function foreignOf(binding: SinkBinding, source: SourceKey): Pick<SyncReport, "foreign"> {
  const key = formatSourceKey(source);
  const cursor = binding.foreign.find((candidate) => candidate.source === key);
  return cursor === undefined ? {} : { foreign: { sink: binding.sink.label, cursorOf: cursor.sinks } };
}

function toReport(outcome: RunOutcome): SyncReport {
  if (outcome.type === "failed") throw outcome.error;
  const { exhausted: _, ...counts } = outcome.report;
  return { ...counts, complete: outcome.type === "done" };
}
