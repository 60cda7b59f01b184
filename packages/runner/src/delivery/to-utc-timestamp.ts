import { isCalendarDate } from "@statewave-connectors/connector-sdk/options";

const isoPattern = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
const shortOffsetPattern = /([+-]\d{2})(\d{2})$/;

/**
 * An ISO 8601 time with offset as `YYYY-MM-DDTHH:mm:ss.sssZ`, or undefined: without an offset nobody knows which instant is meant, and
 * the server's calendar holds the years 1 to 9999 only.
 */
export function toUtcTimestamp(text: string): string | undefined {
  const [, year, month, day] = isoPattern.exec(text) ?? [];
  // Date.parse reads February 30 as March 2.
  if (!isCalendarDate(Number(year), Number(month), Number(day))) return undefined;
  // Some providers write +0200, which Date.parse need not take.
  const time = new Date(text.endsWith("Z") ? text : text.replace(shortOffsetPattern, "$1:$2"));
  // NaN for an invalid time: no comparison holds.
  const utcYear = time.getUTCFullYear();
  return utcYear >= 1 && utcYear <= 9999 ? time.toISOString() : undefined;
}
