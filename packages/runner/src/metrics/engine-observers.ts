import { isConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import type { DeliveryObserver } from "../delivery/delivery-options.ts";
import { isStop } from "../pull/pull-errors.ts";
import type { PullObserver } from "../pull/pull-observer.ts";
import type { InboxObserver } from "../push/item-processor.ts";
import { histogramLabels, labelsOf, shortWord } from "./metric-labels.ts";
import type { OpenSeries } from "./open-series.ts";
import type { SourceGauges } from "./source-gauges.ts";

export function pullObserver(metrics: OpenSeries, gauges: SourceGauges, perSource: boolean): PullObserver {
  return {
    due: (source, outcome, count) => metrics.pullDues.inc({ ...labelsOf(source), outcome }, count),
    runStarted: (source) => metrics.pullTicks.inc(labelsOf(source)),
    episodesEmitted: (source, count) => metrics.pullEpisodesEmitted.inc(labelsOf(source), count),
    episodesIngested: (source, count) => metrics.pullEpisodesIngested.inc(labelsOf(source), count),
    itemsSkipped: (source, reason, count) => countSkipped(metrics, source, reason, count),
    itemsFailed: (source, count) => metrics.failedItems.inc(labelsOf(source), count),
    runFailed(source, phase, error) {
      // A run that a stop ends has not failed.
      if (isStop(error)) return;
      if (isConnectorsError(error, "PULL_ACCOUNT_WRONG")) metrics.unbalancedRuns.inc(labelsOf(source));
      const reason = isConnectorsError(error, "RUNNER_ENTRY_OPEN") ? "load" : phase;
      metrics.pullErrors.inc({ ...labelsOf(source), reason });
    },
    runEnded(source, durationMs, completedAtMs) {
      metrics.pullSyncDuration.observe(histogramLabels(source, perSource), durationMs / 1000);
      if (completedAtMs !== undefined) gauges.completed(source, completedAtMs);
    },
  };
}

export function inboxObserver(metrics: OpenSeries): InboxObserver {
  return {
    settled: (_source, outcome) => metrics.inboxEvents.inc({ outcome }),
    itemsSkipped: (source, reason, count) => countSkipped(metrics, source, reason, count),
    itemsFailed: (source, count) => metrics.failedItems.inc(labelsOf(source), count),
  };
}

export function stageObserver({ episodeSeconds }: OpenSeries): NonNullable<DeliveryObserver["stageEnded"]> {
  // Labels are looked up once: this runs twice for each episode.
  const stages = {
    accepted: episodeSeconds.labels({ stage: "accepted" }),
    delivered: episodeSeconds.labels({ stage: "delivered" }),
  };
  return (stage, seconds) => stages[stage].observe(seconds);
}

function countSkipped(metrics: OpenSeries, source: SourceKey, reason: string, count: number): void {
  metrics.skippedItems.inc({ ...labelsOf(source), reason: shortWord(reason) }, count);
}
