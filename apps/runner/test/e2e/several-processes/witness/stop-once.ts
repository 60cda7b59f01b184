import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** In whose environment this is set, that process stops itself once, in the middle of what it does. */
export const stopVariable = "E2E_STOP_BEFORE_CHECKPOINT";

const noteIn = (baseDir: string) => join(baseDir, "stopped");

/**
 * Stops this process as SIGSTOP from outside does, but at a known point: it continues with the very next statement. Stopped from outside
 * it usually sleeps in the event loop, where the timer that ends its run comes first.
 */
export function stopOnce(baseDir: string): void {
  if (process.env[stopVariable] === undefined || hasStopped(baseDir)) return;
  writeFileSync(noteIn(baseDir), "");
  process.kill(process.pid, "SIGSTOP");
}

export function hasStopped(baseDir: string): boolean {
  return existsSync(noteIn(baseDir));
}
