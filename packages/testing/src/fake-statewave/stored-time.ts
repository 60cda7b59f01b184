const offsetPattern = /([+-])(\d{2}):?(\d{2})$/;
const partsPattern = /^(\d{4})-(\d{2})-(\d{2})(?:.(\d{2}):(\d{2})(?::(\d{2}))?)?/;

/** `0001-01-01T00:00:00Z` and `9999-12-31T23:59:59Z`, epoch seconds: what Python's calendar holds. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;

/**
 * What the database keeps of a time that passed validation: the text, or `-infinity` for the first instant of the calendar. Undefined when
 * the offset moves it out of the calendar: converting it throws.
 */
export function toStoredTime(text: string): string | undefined {
  const second = toEpochSecond(text);
  if (second < firstSecond || second > lastSecond) return undefined;
  return second === firstSecond ? "-infinity" : text;
}

/** A time without an offset is taken as UTC. */
function toEpochSecond(text: string): number {
  const parts: readonly (string | undefined)[] = partsPattern.exec(text)?.slice(1) ?? [];
  const [year, month, day, hour, minute, second] = parts.map((part) => Number(part ?? 0));
  const date = new Date(0);
  date.setUTCFullYear(year ?? 0, (month ?? 1) - 1, day);
  date.setUTCHours(hour ?? 0, minute, second);
  // What looks like an offset at the end of a date is its month and day.
  const [, sign, hours = 0, minutes = 0] = parts[3] === undefined ? [] : (offsetPattern.exec(text) ?? []);
  const offsetSeconds = (Number(hours) * 60 + Number(minutes)) * 60;
  return date.getTime() / 1000 + (sign === "-" ? offsetSeconds : -offsetSeconds);
}
