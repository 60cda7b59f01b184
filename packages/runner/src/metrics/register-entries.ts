import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { refusalReasons } from "@statewave-connectors/connector-sdk/host";
import { misroutings } from "../http/misrouted-webhooks.ts";
import { labelsOf } from "./metric-labels.ts";
import type { MetricsOptions, PushKey } from "./metrics.ts";
import type { OpenSeries } from "./open-series.ts";

/** With `unhealthy`, what needs attention has no series until it happens. */
export type PerSource = NonNullable<MetricsOptions["perSource"]>;

/** The configured entries. */
export interface ConfiguredKeys {
  pulls: readonly SourceKey[];
  pushes: readonly PushKey[];
}

/** Gives the counters of configured entries their first value, 0; those that have one keep it. */
export function registerEntries(metrics: OpenSeries, { pulls, pushes }: ConfiguredKeys, perSource: PerSource): void {
  for (const source of pulls) registerPull(metrics, source, perSource);
  for (const source of pushes) registerPush(metrics, source, perSource);
  for (const source of [...pulls, ...pushes]) registerEpisodes(metrics, source);
  if (pushes.length > 0) for (const reason of misroutings) metrics.pushMisrouted.inc({ reason }, 0);
}

function registerPull(metrics: OpenSeries, source: SourceKey, perSource: PerSource): void {
  const labels = labelsOf(source);
  for (const counter of [metrics.pullTicks, metrics.pullEpisodesEmitted, metrics.pullEpisodesIngested]) counter.inc(labels, 0);
  for (const outcome of ["run", "skipped", "missed", "caught_up"]) metrics.pullDues.inc({ ...labels, outcome }, 0);
  if (perSource === "unhealthy") return;
  metrics.healed.inc(labels, 0);
  for (const reason of ["load", "sync", "ingest"]) metrics.pullErrors.inc({ ...labels, reason }, 0);
}

function registerPush(metrics: OpenSeries, source: PushKey, perSource: PerSource): void {
  const labels = labelsOf(source);
  // A rise of it is an alert, which does not see the rise from nothing to the first value.
  if (source.pull !== undefined) metrics.healed.inc({ kind: source.kind, name: source.pull }, 0);
  metrics.pushDeliveries.inc(labels, 0);
  for (const status of ["200", "401"]) metrics.pushResponses.inc({ ...labels, status }, 0);
  if (perSource === "unhealthy") return;
  metrics.pushHandlerErrors.inc(labels, 0);
  for (const reason of refusalReasons) metrics.pushRefused.inc({ ...labels, reason }, 0);
}

function registerEpisodes(metrics: OpenSeries, source: SourceKey): void {
  for (const outcome of ["delivered", "buried"]) metrics.episodes.inc({ ...labelsOf(source), outcome }, 0);
}

/** A receiver that a reload removed gets nothing more, which would look like one that providers have forgotten. */
export function forgetReceivers(
  metrics: OpenSeries,
  left: ConfiguredKeys,
  { pushes }: ConfiguredKeys,
  perSource: PerSource,
): void {
  const labels = perSource === "all" ? labelsOf : ({ kind }: SourceKey) => ({ kind });
  const kept = new Set(pushes.map((source) => JSON.stringify(labels(source))));
  for (const source of left.pushes) if (!kept.has(JSON.stringify(labels(source)))) metrics.pushDeliveries.remove(labels(source));
}
