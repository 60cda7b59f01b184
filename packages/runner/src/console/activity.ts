import type { SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { CountSeries } from "./count-series.ts";

/** What is counted: episodes that the sink accepted, episodes that became dead letters, genuine webhooks. */
export type Counted = "delivered" | "buried" | "received";

/** The last 60 minutes, and the last 96 quarters of an hour. */
export type Period = "hour" | "day";

const periods = { hour: { bucketMs: 60_000, buckets: 60 }, day: { bucketMs: 15 * 60_000, buckets: 96 } } as const;

/** What this process did lately, in counts by time and source. It is forgotten when the process ends. */
export class Activity {
  readonly #series = new Map<string, CountSeries>();

  add(counted: Counted, source: SourceKey, count: number, nowMs: number): void {
    for (const period of ["hour", "day"] as const) {
      this.#open(counted, period, undefined).add(count, nowMs);
      this.#open(counted, period, source).add(count, nowMs);
    }
  }

  /** The oldest first; the last is under way. Without a source: of all. */
  read(counted: Counted, period: Period, nowMs: number, source?: SourceKey): readonly number[] {
    const series = this.#series.get(keyOf(counted, period, source));
    return series?.read(nowMs) ?? Array.from({ length: periods[period].buckets }, () => 0);
  }

  #open(counted: Counted, period: Period, source: SourceKey | undefined): CountSeries {
    const key = keyOf(counted, period, source);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const made = new CountSeries(periods[period]);
    this.#series.set(key, made);
    return made;
  }
}

function keyOf(counted: Counted, period: Period, source: SourceKey | undefined): string {
  return `${counted} ${period} ${source === undefined ? "" : formatSourceKey(source)}`;
}
