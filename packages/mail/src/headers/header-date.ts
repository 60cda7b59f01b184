import type { MailHeaders } from "./mail-headers.ts";

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** The hours of the zones that RFC 5322 names; any other name counts as UTC. */
const zones: ReadonlyMap<string, number> = new Map([
  ["EDT", -4],
  ["EST", -5],
  ["CDT", -5],
  ["CST", -6],
  ["MDT", -6],
  ["MST", -7],
  ["PDT", -7],
  ["PST", -8],
]);

const form =
  /(\d{1,2})[ -]{1,5}([a-z]{3})[a-z]{0,6}[ -]{1,5}(\d{2,4}) {1,5}(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?: {0,5}([+-]\d{4}|[a-z]{1,5}))?/i;
/** As C writes a time: the month in front of the day, and the year before the time or behind it. */
const ctimeForm =
  /([a-z]{3})[a-z]{0,6} {1,5}(\d{1,2}) {1,5}(?:(\d{4}) {1,5})?(\d{1,2}):(\d{2})(?::(\d{2}))?(?: {1,5}([+-]\d{4}|[a-z]{1,5}))?(?: {1,5}(\d{4}))?/i;

/** The header `Date` as ISO 8601, undefined when it is no date. The sender chooses it. */
export function dateOf(headers: MailHeaders): string | undefined {
  const text = (headers.raw("date")[0] ?? "").slice(0, 100);
  const date = /[^\S ]/.test(text) ? text.replaceAll(/\s/g, " ") : text;
  const { day, month, year, hour, minute, second, zone } = readForm(date) ?? readCtime(date) ?? noDate;
  const monthIndex = months.indexOf(month.toLowerCase());
  const offset = offsetMinutes(zone);
  const local = new Date(
    Date.UTC(fullYear(year), monthIndex, Number(day), Number(hour), Number(minute), Math.min(Number(second), 59)),
  );
  // A day that the month does not have would become one of the next month.
  const isDay = monthIndex !== -1 && local.getUTCDate() === Number(day) && fullYear(year) >= firstYear;
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Math.abs(offset) < 24 * 60;
  return isDay && isTime ? new Date(local.getTime() - offset * 60_000).toISOString() : undefined;
}

/** Years of two digits begin here. */
const firstYear = 1900;

/** A date in the words of its header. */
type DateWords = Readonly<Record<"day" | "month" | "year" | "hour" | "minute" | "second" | "zone", string>>;

const noDate: DateWords = { day: "", month: "", year: "", hour: "", minute: "", second: "", zone: "" };

function readForm(date: string): DateWords | undefined {
  const match = form.exec(date);
  if (match === null) return undefined;
  const [, day = "", month = "", year = "", hour = "", minute = "", second = "0", zone = ""] = match;
  return { day, month, year, hour, minute, second, zone };
}

function readCtime(date: string): DateWords | undefined {
  const match = ctimeForm.exec(date) ?? [];
  const [, month = "", day = "", before, hour = "", minute = "", second = "0", zone = "", behind] = match;
  const year = before ?? behind;
  return year === undefined ? undefined : { day, month, year, hour, minute, second, zone };
}

/** Years of two digits are from before 2000, or from after it (RFC 5322, 4.3). */
function fullYear(digits: string): number {
  const year = Number(digits);
  if (digits.length === 4) return year;
  return digits.length === 2 && year < 50 ? 2000 + year : 1900 + year;
}

function offsetMinutes(zone: string): number {
  const [, sign, hours = "0", minutes = "0"] = /^([+-])(\d{2})(\d{2})$/.exec(zone) ?? [];
  if (sign === undefined) return (zones.get(zone.toUpperCase()) ?? 0) * 60;
  return (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
}
