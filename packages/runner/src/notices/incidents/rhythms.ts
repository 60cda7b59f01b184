import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import { isInstant } from "../../records/is-instant.ts";
import type { StatusReport } from "../../status/status-report.ts";
import type { KeptRecord } from "../kept-record.ts";
import { type Rhythm, withArrival } from "./receiver-rhythm.ts";

/** What was learned since then is lost with the process; a week is long. */
const saveEveryMs = 10 * 60_000;

/** An arrival further ahead was noted by a clock that was ahead, and would hide all that follow. */
const mostSkewMs = 60_000;

/** The rhythms of all receivers. */
export class Rhythms {
  readonly #record: KeptRecord;
  #rhythms = new Map<string, Rhythm>();
  #savedAtMs = Number.NEGATIVE_INFINITY;
  #isChanged = false;

  constructor(record: KeptRecord) {
    this.#record = record;
  }

  /** By `kind/name`. */
  get all(): ReadonlyMap<string, Rhythm> {
    return this.#rhythms;
  }

  /** Rejects with what the store throws. */
  async load(): Promise<void> {
    this.#rhythms = parseRhythms((await this.#record.load()) ?? "{}");
  }

  learn({ entries }: Pick<StatusReport, "entries">, nowMs: number): void {
    const isAhead = (ms: number) => ms > nowMs + mostSkewMs;
    for (const { direction, source, lastSuccessMs } of entries) {
      if (direction !== "push" || lastSuccessMs === undefined || isAhead(lastSuccessMs)) continue;
      const key = formatSourceKey(source);
      const known = this.#rhythms.get(key);
      const before = known === undefined || isAhead(known.lastMs) ? undefined : known;
      const after = withArrival(before, lastSuccessMs);
      this.#isChanged ||= after !== before;
      this.#rhythms.set(key, after);
    }
  }

  /** Saves what has changed, every ten minutes at most. Rejects with what the store throws. */
  async save(nowMs: number): Promise<void> {
    if (!this.#isChanged || nowMs - this.#savedAtMs < saveEveryMs) return;
    this.#savedAtMs = nowMs;
    this.#isChanged = false;
    await this.#record.save(JSON.stringify(Object.fromEntries(this.#rhythms)));
  }
}

/** What can be read of them. */
function parseRhythms(text: string): Map<string, Rhythm> {
  try {
    const value: unknown = JSON.parse(text);
    const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
    return new Map(entries.filter((entry): entry is [string, Rhythm] => isRhythm(entry[1])));
  } catch {
    return new Map();
  }
}

function isRhythm(value: unknown): boolean {
  const { firstMs, lastMs, days } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return isInstant(firstMs) && isInstant(lastMs) && Array.isArray(days) && days.every(isDay);
}

function isDay(value: unknown): boolean {
  const { day, arrivals, longestMs } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return [day, arrivals, longestMs].every(Number.isFinite);
}
