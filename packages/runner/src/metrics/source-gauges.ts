import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import { labelsOf } from "./metric-labels.ts";
import type { OpenSeries } from "./open-series.ts";
import { inTurns } from "../turns.ts";

/** The schedule of a pull source at this moment. */
export interface PullSnapshot {
  readonly source: SourceKey;
  readonly nextDueMs: number | undefined;
  /** Between the next due and the one after it. */
  readonly intervalMs: number | undefined;
  readonly running: boolean;
}

/** When the latest genuine webhook of a receiver arrived. */
export interface PushSnapshot {
  readonly source: SourceKey;
  readonly arrivedAtMs: number | undefined;
}

/** When what a provider keeps for a source expires. */
export interface WatchSnapshot {
  readonly source: SourceKey;
  readonly expiresAtMs: number;
}

/** Whether the source of an entry is well. */
export interface SourceHealthSnapshot {
  readonly source: SourceKey;
  readonly direction: "pull" | "push";
  readonly up: boolean;
}

export interface SourceSnapshots {
  /** Those of which something is known. */
  readonly sources: readonly SourceHealthSnapshot[];
  readonly pulls: Iterable<PullSnapshot>;
  readonly pushes: Iterable<PushSnapshot>;
  readonly watches: Iterable<WatchSnapshot>;
  /** What the store remembers; undefined: it did not answer. */
  readonly states: readonly SourceState[] | undefined;
  readonly nowMs: number;
}

/** A source that has not been read for so many intervals needs attention, as the alerts say. */
const overdueIntervals = 3;
/** So does one whose cursor has stood for so long, and for as many intervals, although its runs succeed. */
const standingAfterMs = 24 * 60 * 60_000;

/**
 * The gauges of every source, or only of those that need attention. The end of the last successful run is what this process saw or, after a
 * restart and for runs of other processes, the due of the latest run that the store has as finished.
 */
export class SourceGauges {
  readonly #metrics: OpenSeries;
  #pulls: readonly SourceKey[];
  readonly #perSource: "all" | "unhealthy";
  readonly #lastSyncMs = new Map<string, number>();

  /** `pulls`: the configured ones. A source that left the configuration keeps its cursor, but its age would raise an alarm for ever. */
  constructor(metrics: OpenSeries, pulls: readonly SourceKey[], perSource: "all" | "unhealthy" = "all") {
    this.#metrics = metrics;
    this.#pulls = pulls;
    this.#perSource = perSource;
  }

  /** A reload has changed which sources are configured. */
  follow(pulls: readonly SourceKey[]): void {
    const left = new Map(this.#pulls.map((source) => [formatSourceKey(source), source]));
    for (const source of pulls) left.delete(formatSourceKey(source));
    for (const [key, source] of left) {
      this.#lastSyncMs.delete(key);
      this.#metrics.pullLastSync.remove(labelsOf(source));
    }
    this.#pulls = pulls;
  }

  completed(source: SourceKey, atMs: number): void {
    const key = formatSourceKey(source);
    if (atMs <= (this.#lastSyncMs.get(key) ?? Number.NEGATIVE_INFINITY)) return;
    this.#lastSyncMs.set(key, atMs);
    if (this.#perSource === "all") this.#metrics.pullLastSync.set(labelsOf(source), atMs / 1000);
  }

  async show({ sources, pulls, pushes, watches, states = [], nowMs }: SourceSnapshots): Promise<void> {
    const { sourceUp, pullNextDue, pullInterval, pullRunning, pullCursorAge, pullLastSync, pushLastDelivery, watchExpires } =
      this.#metrics;
    const onlyUnhealthy = this.#perSource === "unhealthy";
    const stored = new Map<string, SourceState>();
    await inTurns(states, (state) => void stored.set(formatSourceKey(state.source), state));
    const unhealthy = new Set<string>();
    for (const gauge of [sourceUp, pullNextDue, pullInterval, pullRunning, pullCursorAge, pushLastDelivery]) gauge.reset();
    if (onlyUnhealthy) pullLastSync.reset();
    watchExpires.reset();
    for (const { source, expiresAtMs } of watches) watchExpires.set(labelsOf(source), expiresAtMs / 1000);
    await inTurns(sources, ({ source, direction, up }) => {
      if (!up) unhealthy.add(`${direction} ${formatSourceKey(source)}`);
      if (!up || !onlyUnhealthy) sourceUp.set({ ...labelsOf(source), direction }, Number(up));
    });
    const snapshots = new Map<string, PullSnapshot>();
    await inTurns(pulls, (snapshot) => void snapshots.set(formatSourceKey(snapshot.source), snapshot));
    await inTurns(this.#pulls, (source) => {
      const key = formatSourceKey(source);
      const { cursor, updatedAtMs, finishedDueMs } = stored.get(key) ?? {};
      if (finishedDueMs !== undefined) this.completed(source, finishedDueMs);
      const { nextDueMs, intervalMs, running } = snapshots.get(key) ?? {};
      const lastSyncMs = this.#lastSyncMs.get(key);
      const isOverdue =
        lastSyncMs !== undefined && intervalMs !== undefined && nowMs - lastSyncMs > overdueIntervals * intervalMs;
      const labels = labelsOf(source);
      const cursorAgeMs = cursor === undefined || updatedAtMs === undefined ? undefined : Math.max(0, nowMs - updatedAtMs);
      const isShown = !onlyUnhealthy || isOverdue || unhealthy.has(`pull ${key}`);
      if (isShown || isStanding(cursorAgeMs, intervalMs)) {
        if (intervalMs !== undefined) pullInterval.set(labels, intervalMs / 1000);
        if (cursorAgeMs !== undefined) pullCursorAge.set(labels, cursorAgeMs / 1000);
      }
      if (!isShown) return;
      if (nextDueMs !== undefined) pullNextDue.set(labels, nextDueMs / 1000);
      if (running !== undefined) pullRunning.set(labels, Number(running));
      if (onlyUnhealthy && lastSyncMs !== undefined) pullLastSync.set(labels, lastSyncMs / 1000);
    });
    await inTurns(pushes, ({ source, arrivedAtMs }) => {
      if (arrivedAtMs === undefined) return;
      if (onlyUnhealthy && !unhealthy.has(`push ${formatSourceKey(source)}`)) return;
      pushLastDelivery.set(labelsOf(source), arrivedAtMs / 1000);
    });
  }
}

function isStanding(cursorAgeMs: number | undefined, intervalMs: number | undefined): boolean {
  if (cursorAgeMs === undefined || intervalMs === undefined) return false;
  return cursorAgeMs > standingAfterMs && cursorAgeMs > overdueIntervals * intervalMs;
}
