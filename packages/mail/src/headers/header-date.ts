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
  /(\d{1,2})[ -]{1,5}([a-z]{3})[a-z]{0,6}[ -]{1,5}(\d{2,4}) {1,5}(\d{1,2}):(\d{2})(?::(\d{2}))?(?: {0,5}([+-]\d{4}|[a-z]{1,5}))?/i;

/** The header `Date` as ISO 8601, undefined when it is no date. The sender chooses it. */
export function dateOf(headers: MailHeaders): string | undefined {
  const text = (headers.raw("date")[0] ?? "").slice(0, 100);
  const match = form.exec(/[^\S ]/.test(text) ? text.replaceAll(/\s/g, " ") : text);
  if (match === null) return undefined;
  const [, day = "", month = "", year = "", hour = "", minute = "", second = "0", zone = ""] = match;
  const monthIndex = months.indexOf(month.toLowerCase());
  if (monthIndex === -1) return undefined;
  const local = Date.UTC(fullYear(year), monthIndex, Number(day), Number(hour), Number(minute), Math.min(Number(second), 59));
  const time = new Date(local - offsetMinutes(zone) * 60_000);
  const isDate = Number(day) <= 31 && Number(hour) < 24 && Number(minute) < 60 && Number.isFinite(time.getTime());
  return isDate ? time.toISOString() : undefined;
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
