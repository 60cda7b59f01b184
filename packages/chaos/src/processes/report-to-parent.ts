import type { FromChild } from "./protocol.ts";

export function report(message: FromChild): void {
  process.send?.(message);
}

/** Ends this process when the one that started it is gone, however that ended. */
export function endWithParent(): void {
  process.once("disconnect", () => process.exit(1));
  // A terminal signals its whole group: the parent decides when each process ends.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
}

const lookEveryMs = 100;
const stalledAfterMs = 500;

/** Reports each time in which this process could do nothing: a busy machine stops a process as SIGSTOP does. */
export function reportStalls(): void {
  let lastMs = Date.now();
  setInterval(() => {
    const nowMs = Date.now();
    if (nowMs - lastMs > stalledAfterMs) report({ type: "stalled", fromMs: lastMs, toMs: nowMs });
    lastMs = nowMs;
  }, lookEveryMs).unref();
}
