import { isCalendarDate } from "@statewave-connectors/connector-sdk/options";
import { isCanonicalTime } from "./is-canonical-time.ts";

const isoPattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2})(:\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
const leapSecondPattern = /^:60(?:\.\d+)?$/;
const shortOffsetPattern = /([+-]\d{2})(\d{2})$/;

/** Statewave stores the year 1 as minus infinity; no provider means the first century. */
const firstYear = 100;
const wholeSecondsLength = "2026-01-02T03:04:05Z".length;

/**
 * An ISO 8601 time with offset as `YYYY-MM-DDTHH:mm:ss.sssZ`, or undefined: without an offset it is unknown which instant is meant, and the
 * server's calendar ends with the year 9999. A leap second, which the server refuses, is the last millisecond before it.
 */
export function toUtcTimestamp(text: string): string | undefined {
  const precise = text.length === wholeSecondsLength && text.endsWith("Z") ? `${text.slice(0, -1)}.000Z` : text;
  return isCanonicalTime(precise, firstYear) ? precise : parseTimestamp(text);
}

function parseTimestamp(text: string): string | undefined {
  const [, year, month, day, minute, second = "", offset] = isoPattern.exec(text) ?? [];
  // Date.parse reads February 30 as March 2.
  if (!isCalendarDate(Number(year), Number(month), Number(day))) return undefined;
  const isLeapSecond = leapSecondPattern.test(second);
  // Some providers write +0200, which Date.parse need not take.
  const zone = offset?.replace(shortOffsetPattern, "$1:$2");
  const time = new Date(`${year}-${month}-${day}T${minute}${isLeapSecond ? ":59.999" : second}${zone}`);
  // NaN for an invalid time: no comparison holds.
  const utcYear = time.getUTCFullYear();
  if (!(utcYear >= firstYear && utcYear <= 9999)) return undefined;
  const utc = time.toISOString();
  return isLeapSecond && !utc.endsWith("T23:59:59.999Z") ? undefined : utc;
}
