/** Which headers say when a limit ends. Names in lower case. */
export interface RateHeaders {
  /** Default `retry-after`: seconds, or an HTTP date. */
  readonly retryAfter?: string;
  /** How many requests are left; 0 or `reserve` of them means that the limit is reached. */
  readonly remaining?: string;
  /** When the limit ends. Read where `remaining` says that nothing is left. */
  readonly reset?: string;
  /** What `reset` counts. Default `epoch_seconds`. */
  readonly resetUnit?: "epoch_seconds" | "epoch_ms" | "seconds";
  /** So many requests are left to other programs with the same credentials. Default 0. */
  readonly reserve?: number;
  /** How many requests are allowed in all, for `reserveShare`. */
  readonly limit?: string;
  /** This part of `limit` is left to other programs, from 0 to 1; `reserve` where that is more. Default 0. */
  readonly reserveShare?: number;
  /** The wait when the provider names none. Default one minute. */
  readonly defaultWaitMs?: number;
}

/** A limit that has just passed must not become a hot loop. */
export const shortestWaitMs = 1_000;
/** No documented limit lasts longer than an hour; a broken header must not park a source for years. */
export const longestWaitMs = 24 * 3_600_000;

/** The provider's clock when it answered, epoch milliseconds; ours when it names none, or one that is more than a day fast. */
export function providerDateMs(headers: Headers, nowMs: number): number {
  const dateMs = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(dateMs) || dateMs - nowMs > longestWaitMs ? nowMs : dateMs;
}

/**
 * How long the headers say to wait, between one second and a day; undefined when they name no time. Instants are measured on the provider's
 * clock, because ours may be minutes off, and on ours where that makes no sense.
 */
export function namedWaitMs(headers: Headers, names: RateHeaders, nowMs: number): number | undefined {
  const waitMs =
    retryAfterMs(headers, names, nowMs) ?? (isUsedUp(headers, names) ? resetWaitMs(headers, names, nowMs) : undefined);
  return waitMs === undefined ? undefined : Math.min(Math.max(waitMs, shortestWaitMs), longestWaitMs);
}

/** How many requests are left; undefined when the header is missing or no number. */
function remainingOf(headers: Headers, { remaining }: RateHeaders): number | undefined {
  return remaining === undefined ? undefined : wholeNumber(headers.get(remaining));
}

/** Whether the headers say that nothing is left. */
export function isUsedUp(headers: Headers, names: RateHeaders): boolean {
  const remaining = remainingOf(headers, names);
  return remaining !== undefined && remaining <= reserveOf(headers, names);
}

function reserveOf(headers: Headers, { limit, reserve = 0, reserveShare = 0 }: RateHeaders): number {
  const allowed = limit === undefined ? undefined : wholeNumber(headers.get(limit));
  return Math.max(reserve, Math.floor((allowed ?? 0) * reserveShare));
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterMs(headers: Headers, { retryAfter = "retry-after" }: RateHeaders, nowMs: number): number | undefined {
  const text = headers.get(retryAfter)?.trim() ?? "";
  // A header that comes twice has both values: the longer wait satisfies both.
  const seconds = text.split(",").map((each) => wholeNumber(each));
  if (seconds.every((each) => each !== undefined)) return Math.max(...seconds) * 1_000;
  const atMs = datePattern.test(text) ? Date.parse(inGmt(text)) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : untilMs(atMs, headers, nowMs);
}

/** Date.parse takes nearly anything that holds a number for a date. */
const datePattern = /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? .{8,40}|\d{4}-\d\d-\d\dT.{5,24})$/;

/** A date without a zone, as asctime and some providers write it, is in GMT and not in the zone of this machine. */
function inGmt(date: string): string {
  if (/(?:[a-z]{1,5}|[+-]\d\d:?\d\d)\)?$/i.test(date)) return date;
  return /^\d/.test(date) ? `${date}Z` : `${date} GMT`;
}

function resetWaitMs(headers: Headers, { reset, resetUnit }: RateHeaders, nowMs: number): number | undefined {
  const value = reset === undefined ? undefined : wholeNumber(headers.get(reset));
  if (value === undefined) return undefined;
  if (resetUnit === "seconds") return value * 1_000;
  const atMs = resetUnit === "epoch_ms" ? value : value * 1_000;
  // One second more, because both clocks are cut to seconds.
  return untilMs(atMs, headers, nowMs) + 1_000;
}

/** From the provider's now; from ours when the provider's clock makes the wait absurd. */
function untilMs(atMs: number, headers: Headers, nowMs: number): number {
  const dateMs = Date.parse(headers.get("date") ?? "");
  const waits = [atMs - dateMs, atMs - nowMs];
  return waits.find((waitMs) => Math.abs(waitMs) <= longestWaitMs) ?? waits.find((waitMs) => waitMs > 0) ?? 0;
}

/** Digits only: `-1`, `1e99` and `soon` name no time. A fraction is cut off, as some providers send one. */
function wholeNumber(text: string | null): number | undefined {
  const trimmed = text?.trim() ?? "";
  return /^\d+(?:\.\d+)?$/.test(trimmed) ? Math.trunc(Number(trimmed)) : undefined;
}
