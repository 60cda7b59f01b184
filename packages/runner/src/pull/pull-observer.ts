import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { PagesObserver } from "../pages/pages-observer.ts";

/**
 * What became of a due: run, skipped because the run before was not over, missed because no process could run it, made up for later, or met
 * while an operator has paused the source.
 */
export type DueOutcome = "run" | "skipped" | "missed" | "caught_up" | "paused";

/** The part of a run that failed: reading from the source, or delivering and recording what was read. */
export type RunPhase = "sync" | "ingest";

/** Called with what happens to pulls, for the metrics. */
export interface PullObserver {
  due(source: SourceKey, outcome: DueOutcome, count: number): void;
  /** Dues that passed before the start are not made up for: the next one is the first. */
  duesDropped?(source: SourceKey): void;
  runStarted(source: SourceKey): void;
  episodesEmitted(source: SourceKey, count: number): void;
  episodesIngested(source: SourceKey, count: number): void;
  itemsSkipped(source: SourceKey, reason: string, count: number): void;
  /** Items that could not be mapped became dead letters. */
  itemsFailed(source: SourceKey, count: number): void;
  runFailed(source: SourceKey, phase: RunPhase, error: unknown): void;
  /** `completedAtMs` is there when the source was read to its end. */
  runEnded(source: SourceKey, durationMs: number, completedAtMs: number | undefined): void;
}

/** Counts the pages of a run of `source`. */
export function pageMetrics(source: SourceKey, observer: PullObserver): Partial<PagesObserver> {
  return {
    pageRead({ episodes, skipped }) {
      observer.episodesEmitted(source, episodes.length);
      for (const [reason, count] of Object.entries(skipped)) observer.itemsSkipped(source, reason, count);
    },
    pageDelivered: (delivered) => observer.episodesIngested(source, delivered),
    itemsBuried: (failures) => observer.itemsFailed(source, failures.length),
  };
}

/** Does nothing. */
export const silentPullObserver: PullObserver = {
  due: () => undefined,
  runStarted: () => undefined,
  episodesEmitted: () => undefined,
  episodesIngested: () => undefined,
  itemsSkipped: () => undefined,
  itemsFailed: () => undefined,
  runFailed: () => undefined,
  runEnded: () => undefined,
};
