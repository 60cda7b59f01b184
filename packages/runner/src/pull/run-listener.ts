import type { NamedRun } from "./log-run.ts";
import type { RunOutcome } from "./run-pull.ts";

/** Called when runs begin, and when they have ended and their lease is released. */
export interface RunListener {
  started(run: NamedRun): void;
  ended(run: NamedRun, outcome: RunOutcome, durationMs: number): void;
}
