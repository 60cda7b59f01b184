import { setTimeout as sleep } from "node:timers/promises";
import { parseSchedule } from "@statewave-connectors/config";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, SourceState } from "@statewave-connectors/connector-sdk/store";

const settledWithinMs = 60_000;

/** A source between two runs: how many there were so far, as its cursor counts them, and the due of the last one. */
interface Settled {
  readonly ticks: number;
  readonly finishedDueMs: number;
}

export interface TickAccount {
  /** Dues between the last one that was finished in the first look and the last one finished in the second. */
  readonly dues: number;
  readonly ticks: number;
  /** Dues without a run. */
  readonly lost: number;
  /** Runs beyond one for each due. */
  readonly repeated: number;
  /** From a due to the moment when its page was stored, of all runs that were looked at: median, 99 of 100, longest. */
  readonly latenessMs: { readonly p50: number; readonly p99: number; readonly max: number; readonly of: number };
}

/** Holds the runs of all sources against their schedule, by the stored rows: no process alone knows them all. */
export class TickAuditor {
  readonly #store: CursorStore;
  readonly #sources: number;
  readonly #schedule: string;
  readonly #lateness = new Map<string, number>();
  #first: ReadonlyMap<string, Settled> | undefined;

  constructor(store: CursorStore, sources: number, schedule: string) {
    this.#store = store;
    this.#sources = sources;
    this.#schedule = schedule;
  }

  /** Begins the account; resolves when every source was seen between two runs. */
  async open(): Promise<void> {
    this.#first = await this.#settled();
    this.#lateness.clear();
  }

  /** Notes how late the latest run of each source was. To be called more often than they run. */
  async look(): Promise<void> {
    for (const state of await this.#store.list()) this.#noteLateness(state);
  }

  async close(): Promise<TickAccount> {
    const closedAtMs = Date.now();
    const last = await this.#settled();
    const total = { dues: 0, ticks: 0, lost: 0, repeated: 0 };
    for (const [key, { ticks, finishedDueMs }] of last) {
      const first = this.#first?.get(key);
      if (first === undefined) throw new Error(`${key} was not there in the beginning`);
      const schedule = parseSchedule(this.#schedule, { timezone: "UTC", key });
      const intervalMs = schedule.intervalMs ?? Number.NaN;
      // A source that has stopped altogether is held to its schedule as well; its latest due has an interval's time.
      const untilMs = Math.max(finishedDueMs, schedule.latestAtOrBeforeMs(closedAtMs - intervalMs) ?? 0);
      const dues = Math.round((untilMs - first.finishedDueMs) / intervalMs);
      const ran = ticks - first.ticks;
      total.dues += dues;
      total.ticks += ran;
      total.lost += Math.max(0, dues - ran);
      total.repeated += Math.max(0, ran - dues);
    }
    return { ...total, latenessMs: summarize([...this.#lateness.values()]) };
  }

  async #settled(): Promise<ReadonlyMap<string, Settled>> {
    const settled = new Map<string, Settled>();
    const endMs = performance.now() + settledWithinMs;
    for (; settled.size < this.#sources; await sleep(50)) {
      if (performance.now() > endMs)
        throw new Error(`${this.#sources - settled.size} sources never came to rest between two ticks`);
      for (const state of await this.#store.list()) {
        const { source, cursor, finishedDueMs, openDueMs, lease } = state;
        this.#noteLateness(state);
        const key = formatSourceKey(source);
        if (finishedDueMs === undefined || openDueMs !== undefined || lease !== undefined || settled.has(key)) continue;
        settled.set(key, { ticks: Number(cursor), finishedDueMs });
      }
    }
    return settled;
  }

  #noteLateness({ source, updatedAtMs, finishedDueMs, openDueMs }: SourceState): void {
    if (updatedAtMs === undefined || finishedDueMs === undefined || openDueMs !== undefined) return;
    this.#lateness.set(`${source.name} ${finishedDueMs}`, updatedAtMs - finishedDueMs);
  }
}

function summarize(values: readonly number[]): TickAccount["latenessMs"] {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1), of: sorted.length };
}
