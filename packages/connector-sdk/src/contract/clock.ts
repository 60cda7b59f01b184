/** Time as an argument: everything that reads or waits for time takes a clock, so that tests can turn it by hand. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, callback: () => void): () => void;
  /** Milliseconds since some moment: they pass as timers do, and setting the clock does not change them. Absent: not known. */
  elapsed?(): number;
}

/** setTimeout's limit: a longer delay would fire at once. */
const longestTimerMs = 2_147_483_647;

/** The machine's clock. Its timers do not keep the process alive by themselves; delays beyond 24.8 days are walked in steps. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, callback) {
    if (delayMs <= longestTimerMs) {
      const timer = setTimeout(callback, Math.max(0, delayMs)).unref();
      return () => clearTimeout(timer);
    }
    const endMs = performance.now() + delayMs;
    let timer: NodeJS.Timeout;
    const arm = (remainingMs: number) => {
      timer = setTimeout(
        () => (remainingMs > longestTimerMs ? arm(endMs - performance.now()) : callback()),
        Math.max(0, Math.min(remainingMs, longestTimerMs)),
      );
      timer.unref();
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
  elapsed: () => performance.now(),
};

/** Resolves after `delayMs`; rejects with the signal's reason when it aborts first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason);
      return;
    }
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
