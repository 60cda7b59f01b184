import { setTimeout as pause } from "node:timers/promises";

/** Generous: on a busy machine a start alone can take seconds. Only a failing test ever waits so long. */
const deadlineMs = 120_000;
const lookEveryMs = 40;

/** Resolves with the first value that is not undefined and not false; throws, naming what was waited for, when none comes in time. */
export async function until<Value>(
  what: string,
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
  timeoutMs = deadlineMs,
  everyMs = lookEveryMs,
): Promise<Value> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs / 1000} s in vain until ${what}`);
    await pause(everyMs);
  }
}

/** What the promise resolves with; throws, naming what was waited for, when it takes too long: a test that only times out explains nothing. */
export async function within<Value>(what: string, promise: Promise<Value>, timeoutMs = deadlineMs): Promise<Value> {
  const late = new AbortController();
  const tooLate = pause(timeoutMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`waited ${timeoutMs / 1000} s in vain for ${what}`);
  });
  tooLate.catch(() => undefined);
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    late.abort();
  }
}
