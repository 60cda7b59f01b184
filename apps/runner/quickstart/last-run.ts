import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a run of the quickstart did. */
export interface QuickstartCounts {
  readonly webhooks: number;
  readonly delivered: number;
  readonly buried: number;
}

/** The run before this one. */
export interface LastRun extends QuickstartCounts {
  /** Epoch milliseconds. */
  readonly stoppedAtMs: number;
}

const fileName = "last-run.json";

/** The latest run with this state; undefined at the first start, or when that run did not stop in order. */
export function readLastRun(stateDir: string): LastRun | undefined {
  try {
    const parsed = JSON.parse(readFileSync(join(stateDir, fileName), "utf8")) as Partial<LastRun>;
    const { stoppedAtMs, webhooks = 0, delivered = 0, buried = 0 } = parsed;
    return typeof stoppedAtMs === "number" ? { stoppedAtMs, webhooks, delivered, buried } : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers this run for the next start. It is only for display, so a failed write is ignored. */
export function writeLastRun(stateDir: string, run: LastRun): void {
  try {
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(join(stateDir, fileName), `${JSON.stringify(run)}\n`);
  } catch {
    // The next start then does not mention this run.
  }
}

export function describeCounts({ webhooks, delivered, buried }: QuickstartCounts): string {
  return `${count(webhooks, "webhook")} received, ${count(delivered, "episode")} delivered, ${describeBuried(buried)}`;
}

/** How many dead letters there are of it, and where to see them. */
export function describeBuried(buried: number): string {
  return buried === 0 ? "0 buried" : `${buried} buried, look: npm run cli -- dead-letters list`;
}

export function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

/** A duration in the largest unit that fits, e.g. `5 minutes`. */
export function describeDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return count(seconds, "second");
  if (seconds < 7200) return count(Math.round(seconds / 60), "minute");
  if (seconds < 172_800) return count(Math.round(seconds / 3600), "hour");
  return count(Math.round(seconds / 86_400), "day");
}
