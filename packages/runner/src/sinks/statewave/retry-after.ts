const shortestMs = 1_000;
/** Beyond a day it is a mistake of the other side, not a wish. */
const longestMs = 24 * 60 * 60 * 1000;

/**
 * How long a `Retry-After` header requires to wait: seconds or an HTTP date (RFC 9110 §10.2.3). Undefined when absent or unreadable; at
 * least a second, because 0 would be a loop.
 */
export function parseRetryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const delayMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(delayMs) ? undefined : Math.min(longestMs, Math.max(shortestMs, Math.ceil(delayMs)));
}
