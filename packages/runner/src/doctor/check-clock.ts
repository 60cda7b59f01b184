import type { Finding } from "../checks/finding.ts";

/** What a clock differs from this machine's by, positive when it is ahead. */
export interface ClockReading {
  /** Whose clock, e.g. `the state` or a host. */
  readonly of: string;
  readonly aheadMs: number;
}

/** Signatures and tokens bear a few minutes; beyond one minute a clock is wrong, and not only slow to answer. */
const toleranceMs = 60_000;

/** A line for each clock that is off; one for all if none is. */
export function judgeClocks(readings: readonly ClockReading[]): readonly Finding[] {
  const off = readings.filter(({ aheadMs }) => Math.abs(aheadMs) > toleranceMs);
  if (off.length > 0) {
    return off.map(({ of, aheadMs }) => ({
      ok: true,
      isWarning: true,
      message: `the clock of ${of} is ${Math.round(Math.abs(aheadMs) / 1000)} s ${aheadMs > 0 ? "ahead of" : "behind"} this machine's`,
      hint: "set the clock that is wrong, and let a time server keep both",
    }));
  }
  if (readings.length === 0) return [];
  return [{ ok: true, message: `this machine agrees with ${readings.map(({ of }) => of).join(", ")}` }];
}

/** Reads the clocks of servers off their answers. */
export class AnswerClocks {
  readonly #readings = new Map<string, ClockReading>();

  /** `Date` is in whole seconds, and lies between the request and its answer. */
  answered(host: string, date: string | null, sentAtMs: number, answeredAtMs: number): void {
    const serverMs = date === null ? Number.NaN : Date.parse(date);
    if (Number.isNaN(serverMs)) return;
    const aheadMs = Math.max(0, serverMs - answeredAtMs) + Math.min(0, serverMs + 1000 - sentAtMs);
    const known = this.#readings.get(host);
    // A proxy may answer with an older date: the one that is least off counts.
    if (known === undefined || Math.abs(aheadMs) < Math.abs(known.aheadMs)) this.#readings.set(host, { of: host, aheadMs });
  }

  get readings(): readonly ClockReading[] {
    return [...this.#readings.values()];
  }
}
