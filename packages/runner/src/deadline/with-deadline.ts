import { Deadline, type DeadlineOptions } from "./deadline.ts";

/** Runs `work` with a signal that aborts when the time is over, and waits for the work also after that. */
export async function withDeadline<Value>(
  options: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const deadline = new Deadline(options).start();
  try {
    return await work(deadline.signal);
  } finally {
    deadline.end();
  }
}
