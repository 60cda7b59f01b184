import { isCalendarDate } from "./calendar-date.ts";

/** How far back a first sync reads: to a moment, or so many milliseconds from its beginning. */
export type SinceDefault = { readonly type: "moment"; readonly ms: number } | { readonly type: "age"; readonly ms: number };

/** Why a `since_default` cannot be read. */
export type SinceDefaultFault = "form" | "no-day" | "no-offset" | "no-date" | "too-old" | "before-1970";

const agePattern = /^(\d{1,15})([smhd])$/;
const datePattern = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?)?$/;
const timePattern = /^\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?$/;
const unitMs = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

const form = 'an ISO date ("2024-01-31", "2024-01-31T09:00:00Z") or an age ("90d", "12h") of at most a century';

/** What a `since_default` that cannot be read is answered with. */
export const sinceDefaultMessage = `since_default is ${form}`;

/** The same with the reason. */
export const sinceDefaultMessages: Readonly<Record<SinceDefaultFault, string>> = {
  form: sinceDefaultMessage,
  "no-day": `since_default names a day that the calendar does not have: write ${form}`,
  "no-offset": `since_default is a date and time without an offset such as Z: write ${form}`,
  "no-date": `since_default is a time of day without a date: write ${form}`,
  "too-old": `since_default is an age of more than a century (36525d): write ${form}`,
  "before-1970": `since_default lies before 1970: write ${form}`,
};

/** Reads the option `since_default`; a `Date` is what an unquoted date in TOML arrives as. Undefined when it is neither a date nor an age. */
export function parseSinceDefault(value: string | Date): SinceDefault | undefined {
  const read = readSinceDefault(value);
  return typeof read === "string" ? undefined : read;
}

/** What is wrong with it; undefined when it can be read. */
export function sinceDefaultFault(value: string | Date): SinceDefaultFault | undefined {
  const read = readSinceDefault(value);
  return typeof read === "string" ? read : undefined;
}

function readSinceDefault(value: string | Date): SinceDefault | SinceDefaultFault {
  if (typeof value !== "string") return moment(value.getTime());
  const age = agePattern.exec(value);
  if (age !== null) return ageOf(Number(age[1]) * (unitMs.get(age[2] ?? "") ?? Number.NaN));
  if (timePattern.test(value)) return "no-date";
  const date = datePattern.exec(value);
  if (date === null) return "form";
  const [, year, month, day, time, offset] = date;
  if (!isCalendarDate(Number(year), Number(month), Number(day))) return "no-day";
  if (time !== undefined && offset === undefined) return "no-offset";
  // TOML and people write a space, too.
  return moment(Date.parse(value.replace(" ", "T")));
}

/** Beyond a century it is a slip of the unit, and providers refuse the date that it leads to. */
const longestAgeMs = 36_525 * 86_400_000;

function ageOf(ms: number): SinceDefault | SinceDefaultFault {
  return ms <= longestAgeMs ? { type: "age", ms } : "too-old";
}

/** The moment a first sync starts from, epoch milliseconds, never in the future; undefined: from the beginning. */
export function firstSyncSinceMs(since: SinceDefault | undefined, nowMs: number): number | undefined {
  if (since === undefined) return undefined;
  return since.type === "moment" ? Math.min(since.ms, nowMs) : nowMs - since.ms;
}

function moment(ms: number): SinceDefault | SinceDefaultFault {
  if (Number.isNaN(ms)) return "form";
  return ms < 0 ? "before-1970" : { type: "moment", ms };
}
