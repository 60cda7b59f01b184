import type { OpenedPull } from "./opened-pull.ts";
import type { Progress } from "./progress.ts";
import type { RunOutcome } from "./run-pull.ts";

/** What the scheduler means to ask the store for, and from when on. */
export interface Ask {
  readonly atMs: number;
  /** The wait in milliseconds when it was planned: a clock that is set back must not lengthen it. */
  readonly waitMs: number;
  /** Since when it could have been granted, as far as is known here: decides its place in the row. */
  readonly sinceMs: number;
  readonly dueMs: number;
  readonly catchUp: boolean;
}

/** A source on its way from its schedule to its tick and back: `idle` → `waiting` for a claim → `asking` the store → `running`. */
export interface ScheduledSource {
  readonly pull: OpenedPull;
  stage: "idle" | "waiting" | "asking" | "running";
  nextDueMs: number | undefined;
  ask: Ask | undefined;
  /** The last finished due, as far as this process knows. */
  finishedDueMs: number | undefined;
  /** Ticks that failed in a row. */
  failures: number;
  /** Whether the last run ended because its mapping is broken. */
  isSuspect: boolean;
  /** Whether the last run ended before the source was read to its end. */
  isUnfinished: boolean;
  /** Who wants a walk that begins after they asked. */
  walks: RequestedRun[];
}

/** A requested run, and the callback that follows it. */
export interface RequestedRun extends PromiseWithResolvers<RunOutcome> {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

export function toScheduledSource(pull: OpenedPull): ScheduledSource {
  return {
    pull,
    stage: "idle",
    nextDueMs: undefined,
    ask: undefined,
    finishedDueMs: undefined,
    failures: 0,
    isSuspect: false,
    isUnfinished: false,
    walks: [],
  };
}
