/** How often webhooks of a receiver arrive, by the last week. */
export interface Rhythm {
  /** The first arrival that was noticed. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The latest day last. */
  readonly days: readonly RhythmDay[];
}

export interface RhythmDay {
  /** Days since 1970. */
  readonly day: number;
  /** Looks that saw a new arrival. */
  readonly arrivals: number;
  /** The longest silence that ended on this day. */
  readonly longestMs: number;
}

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
const weekDays = 7;
/** Fewer arrivals make no rhythm. */
const fewestArrivals = 10;
/** A silence a little longer than all before is no news. */
const factor = 2;

/** The rhythm with the latest arrival; the same object when it is known. */
export function withArrival(rhythm: Rhythm | undefined, arrivedAtMs: number): Rhythm {
  const day = Math.floor(arrivedAtMs / dayMs);
  if (rhythm === undefined) {
    return { firstMs: arrivedAtMs, lastMs: arrivedAtMs, days: [{ day, arrivals: 1, longestMs: 0 }] };
  }
  if (arrivedAtMs <= rhythm.lastMs) return rhythm;
  const silenceMs = arrivedAtMs - rhythm.lastMs;
  const before = rhythm.days.filter((each) => each.day < day && each.day >= day - weekDays);
  const { arrivals = 0, longestMs = 0 } = rhythm.days.find((each) => each.day === day) ?? {};
  const today = { day, arrivals: arrivals + 1, longestMs: Math.max(longestMs, silenceMs) };
  return { ...rhythm, lastMs: arrivedAtMs, days: [...before, today] };
}

/** The longest silence in the week before the last arrival. Undefined: it is not known for a week, or too little arrived. */
export function longestSilenceMs({ firstMs, lastMs, days }: Rhythm): number | undefined {
  if (lastMs - firstMs < weekDays * dayMs) return undefined;
  if (days.reduce((sum, { arrivals }) => sum + arrivals, 0) < fewestArrivals) return undefined;
  return Math.max(...days.map(({ longestMs }) => longestMs));
}

/** Whether nothing has arrived for much longer than in the week before. */
export function isQuiet(rhythm: Rhythm, nowMs: number): boolean {
  const longestMs = longestSilenceMs(rhythm);
  return longestMs !== undefined && nowMs - rhythm.lastMs > Math.max(hourMs, factor * longestMs);
}
