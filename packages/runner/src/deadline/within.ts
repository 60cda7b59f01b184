import type { DeadlineOptions } from "./deadline.ts";
import { orAborted } from "./or-aborted.ts";
import { withDeadline } from "./with-deadline.ts";

/**
 * The result of `work`, or the deadline's reason as soon as it is over, also when the work ignores its signal. A result after that is
 * ignored, so the work must be harmless without a caller.
 */
export function within<Value>(options: DeadlineOptions, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  return withDeadline(options, async (signal) => {
    signal.throwIfAborted();
    try {
      return await orAborted(work(signal), signal);
    } catch (error) {
      // Work that heeds its signal may throw something else for it.
      signal.throwIfAborted();
      throw error;
    }
  });
}
