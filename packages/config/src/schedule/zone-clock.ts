const secondMs = 1_000;
/** Farther than any zone is from UTC, and than any clock has ever jumped: https://data.iana.org/time-zones/tz-link.html */
const farthestMs = 26 * 60 * 60 * secondMs;

/**
 * The clock on the wall of a time zone. A wall time is written as the milliseconds that it would be in UTC, so that 02:30 of a day is one
 * number, whether it exists once, twice or not at all. Whole seconds.
 */
export class ZoneClock {
  readonly timezone: string;
  readonly #format: Intl.DateTimeFormat;

  constructor(timezone: string) {
    this.timezone = timezone;
    this.#format = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  /** When the clock first shows `wallMs`; if it never does, when it jumps over it. */
  firstInstantOf(wallMs: number): number {
    const [before, after] = [this.#offsetAt(wallMs - farthestMs), this.#offsetAt(wallMs + farthestMs)];
    if (before === after) return wallMs - before;
    const changeMs = this.#changeBetween(wallMs - farthestMs, wallMs + farthestMs);
    if (wallMs - before < changeMs) return wallMs - before;
    return Math.max(changeMs, wallMs - after);
  }

  /** The latest wall time that the clock has shown or jumped over at `ms`. */
  latestWallAt(ms: number): number {
    const atMs = Math.floor(ms / secondMs) * secondMs;
    const offset = this.#offsetAt(atMs);
    const firstMs = this.firstInstantOf(atMs + offset);
    if (firstMs >= atMs) return atMs + offset;
    // The clock was set back, and shows for the second time what it has shown before.
    return this.#changeBetween(firstMs, atMs) + this.#offsetAt(firstMs) - secondMs;
  }

  /** The first instant in (fromMs, toMs] with the offset of `toMs`; there is one change between them. */
  #changeBetween(fromMs: number, toMs: number): number {
    const offset = this.#offsetAt(toMs);
    let [low, high] = [Math.floor(fromMs / secondMs), Math.floor(toMs / secondMs)];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offsetAt(middle * secondMs) === offset) high = middle;
      else low = middle;
    }
    return high * secondMs;
  }

  /** How far the clock is ahead of UTC at `ms`. */
  #offsetAt(ms: number): number {
    const shown: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(ms)) shown[type] = value;
    const part = (name: string) => Number(shown[name]);
    const year = shown["era"] === "BC" ? 1 - part("year") : part("year");
    const wall = new Date(0);
    wall.setUTCFullYear(year, part("month") - 1, part("day"));
    wall.setUTCHours(part("hour"), part("minute"), part("second"));
    return wall.getTime() - Math.floor(ms / secondMs) * secondMs;
  }
}
