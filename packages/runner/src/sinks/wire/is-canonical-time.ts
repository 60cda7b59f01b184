const form = "0000-00-00T00:00:00.000Z";
const zero = 0x30;
const nine = 0x39;
const february = 2;
const daysOfMonths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Whether a text is a time of the calendar as `Date.prototype.toISOString` writes it, in `firstYear` or later. What connectors mostly send: this
 * runs twice for each episode, and writing a `Date` takes many times as long.
 */
export function isCanonicalTime(text: string, firstYear: number): boolean {
  if (!hasForm(text)) return false;
  const year = digits(text, 0, 4);
  const day = digits(text, 8, 10);
  if (year < firstYear || day < 1 || day > daysIn(year, digits(text, 5, 7))) return false;
  return digits(text, 11, 13) < 24 && digits(text, 14, 16) < 60 && digits(text, 17, 19) < 60;
}

function hasForm(text: string): boolean {
  if (text.length !== form.length) return false;
  for (let at = 0; at < form.length; at += 1) {
    const expected = form.charCodeAt(at);
    const code = text.charCodeAt(at);
    if (expected === zero ? code < zero || code > nine : code !== expected) return false;
  }
  return true;
}

function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 10 + text.charCodeAt(at) - zero;
  return value;
}

/** 0 for what is no month. */
function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return (daysOfMonths[month - 1] ?? 0) + (month === february && isLeap ? 1 : 0);
}
