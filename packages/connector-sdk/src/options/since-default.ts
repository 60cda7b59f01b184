/** How far back a first sync reads: to a moment, or so many milliseconds from its beginning. */
export type SinceDefault = { readonly type: "moment"; readonly ms: number } | { readonly type: "age"; readonly ms: number };

const agePattern = /^(\d{1,6})([smhd])$/;
const datePattern = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/;
const unitMs = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** What a `since_default` that cannot be read is answered with. */
export const sinceDefaultMessage =
  'since_default is an ISO date ("2024-01-31", "2024-01-31T09:00:00Z") or an age ("90d", "12h") of at most a century';

/** Reads the option `since_default`; a `Date` is what an unquoted date in TOML arrives as. Undefined when it is neither a date nor an age. */
export function parseSinceDefault(value: string | Date): SinceDefault | undefined {
  if (typeof value !== "string") return moment(value.getTime());
  const age = agePattern.exec(value);
  if (age !== null) return ageOf(Number(age[1]) * unitMs.get(age[2]!)!);
  const date = datePattern.exec(value);
  return moment(
    date !== null && isCalendarDate(Number(date[1]), Number(date[2]), Number(date[3])) ? Date.parse(value) : Number.NaN,
  );
}

/** Beyond a century it is a slip of the unit, and providers refuse the date that it leads to. */
const longestAgeMs = 36_525 * 86_400_000;

function ageOf(ms: number): SinceDefault | undefined {
  return ms <= longestAgeMs ? { type: "age", ms } : undefined;
}

/** `Date` reads 2025-02-30 as another day. */
function isCalendarDate(year: number, month: number, day: number): boolean {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** The moment a first sync starts from, epoch milliseconds, never in the future; undefined: from the beginning. */
export function firstSyncSinceMs(since: SinceDefault | undefined, nowMs: number): number | undefined {
  if (since === undefined) return undefined;
  return since.type === "moment" ? Math.min(since.ms, nowMs) : nowMs - since.ms;
}

function moment(ms: number): SinceDefault | undefined {
  return Number.isNaN(ms) ? undefined : { type: "moment", ms };
}
