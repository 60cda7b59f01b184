import { setImmediate as nextTurn } from "node:timers/promises";
import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SourceState } from "@statewave-connectors/connector-sdk/store";
import type { OpenSeries } from "./open-series.ts";

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

export interface SourceSnapshots {
  readonly pulls: Iterable<PullSnapshot>;
  readonly pushes: Iterable<PushSnapshot>;
  readonly watches: Iterable<WatchSnapshot>;
  /** What the store remembers; undefined: it did not answer. */
  readonly states: readonly SourceState[] | undefined;
  readonly nowMs: number;
}

/** Sources between two turns of the event loop: a few milliseconds, however many there are. */
const sourcesPerTurn = 1_000;

/**
 * The gauges of every source. The end of the last successful run is what this process saw or, after a restart and for runs of other
 * processes, the due of the latest run that the store has as finished.
 */
export class SourceGauges {
  readonly #metrics: OpenSeries;
  readonly #pulls: readonly SourceKey[];
  readonly #lastSyncMs = new Map<string, number>();

  /** `pulls`: the configured ones. A source that left the configuration keeps its cursor, but its age would raise an alarm for ever. */
  constructor(metrics: OpenSeries, pulls: readonly SourceKey[]) {
    this.#metrics = metrics;
    this.#pulls = pulls;
  }

  completed(source: SourceKey, atMs: number): void {
    this.#showLastSync(source, atMs);
  }

  async show({ pulls, pushes, watches, states = [], nowMs }: SourceSnapshots): Promise<void> {
    const { pullNextDue, pullInterval, pullRunning, pullCursorAge, pushLastDelivery, watchExpires } = this.#metrics;
    for (const gauge of [pullNextDue, pullInterval, pullCursorAge, watchExpires]) gauge.reset();
    for (const { source, expiresAtMs } of watches) watchExpires.set({ kind: source.kind, name: source.name }, expiresAtMs / 1000);
    const stored = new Map(states.map((state) => [formatSourceKey(state.source), state]));
    await inTurns(this.#pulls, (source) => this.#showStored(source, stored.get(formatSourceKey(source)), nowMs));
    await inTurns(pulls, ({ source, nextDueMs, intervalMs, running }) => {
      const labels = { kind: source.kind, name: source.name };
      if (nextDueMs !== undefined) pullNextDue.set(labels, nextDueMs / 1000);
      if (intervalMs !== undefined) pullInterval.set(labels, intervalMs / 1000);
      pullRunning.set(labels, Number(running));
    });
    for (const { source, arrivedAtMs } of pushes) {
      if (arrivedAtMs !== undefined) pushLastDelivery.set({ kind: source.kind, name: source.name }, arrivedAtMs / 1000);
    }
  }

  #showStored(source: SourceKey, state: SourceState | undefined, nowMs: number): void {
    if (state?.cursor !== undefined && state.updatedAtMs !== undefined) {
      const ageMs = Math.max(0, nowMs - state.updatedAtMs);
      this.#metrics.pullCursorAge.set({ kind: source.kind, name: source.name }, ageMs / 1000);
    }
    if (state?.finishedDueMs !== undefined) this.#showLastSync(source, state.finishedDueMs);
  }

  #showLastSync(source: SourceKey, atMs: number): void {
    const key = formatSourceKey(source);
    if (atMs <= (this.#lastSyncMs.get(key) ?? Number.NEGATIVE_INFINITY)) return;
    this.#lastSyncMs.set(key, atMs);
    this.#metrics.pullLastSync.set({ kind: source.kind, name: source.name }, atMs / 1000);
  }
}

async function inTurns<Item>(items: Iterable<Item>, show: (item: Item) => void): Promise<void> {
  let shown = 0;
  for (const item of items) {
    show(item);
    shown += 1;
    if (shown % sourcesPerTurn === 0) await nextTurn();
  }
}
