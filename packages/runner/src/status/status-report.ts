import type { EntryName } from "../entry-name.ts";
import type { Pause } from "../pauses/pause.ts";
import type { Remaining } from "../progress/remaining.ts";
import type { RunError } from "../runs/run-account.ts";
import type { ProcessBeat } from "./process-beat.ts";

/**
 * What an entry is doing. `failing`: its last run failed, or its source is known to be unhealthy. `waiting`: its provider admits no request
 * until a time. `standing`: episodes come while its cursor stays as it is. `late`: a due has passed that no process runs.
 */
export type EntryCondition = "failing" | "standing" | "late" | "waiting" | "paused" | "running" | "new" | "idle";

/** How many items of a source wait in the inbox. */
export interface QueuedCount {
  readonly count: number;
  /** Whether these are all: in a long queue only the oldest are counted. */
  readonly isWhole: boolean;
}

/** How an entry stands. Times are epoch milliseconds. */
export interface EntryStatus extends EntryName {
  readonly condition: EntryCondition;
  /** When a run last read the source to its end, or a genuine webhook last arrived. */
  readonly lastSuccessMs?: number | undefined;
  /** Absent: its schedule names no further due, it is paused, or it is a receiver. */
  readonly nextDueMs?: number | undefined;
  /** For how long the earliest due that is not finished has passed; 0 when none has. */
  readonly lagMs?: number | undefined;
  /** With a lag above this it counts as late. Absent where `lagMs` is. */
  readonly lateAfterMs?: number | undefined;
  readonly cursorAgeMs?: number | undefined;
  /** The sinks that its cursor belongs to, where the configured one is another: that one lacks what the cursor passed over. */
  readonly cursorOf?: readonly string[] | undefined;
  readonly standing?: { readonly sinceMs: number; readonly runs: number } | undefined;
  /** The process that runs it now. */
  readonly owner?: string | undefined;
  /** When the unfinished run may be resumed. */
  readonly resumeAtMs?: number | undefined;
  /** How far it is read and how long the rest takes. Absent: its connector does not report that, or it was read to its end. */
  readonly remaining?: Remaining | undefined;
  /** Runs that failed in a row. */
  readonly failures: number;
  readonly error?: RunError | undefined;
  /** Since when its source is known to be unhealthy: what passes by itself counts only after three failures in a row. */
  readonly unhealthySinceMs?: number | undefined;
  readonly deadLetters: number;
  /** Absent: it is not counted, or the inbox could not be read. */
  readonly queued?: QueuedCount | undefined;
  readonly pause?: Pause | undefined;
}

/** What waits in the inbox. */
export interface InboxStatus {
  readonly depth: number;
  readonly bytes: number;
  readonly oldestAcceptedAtMs?: number | undefined;
  readonly deadLetters: number;
}

/** `attention`: something is paused, late, waiting, standing or buried, a cursor belongs to another sink, or no process runs. */
export type OverallCondition = "well" | "attention" | "failing";

/** Everything that a state and its processes show. */
export interface StatusReport {
  readonly atMs: number;
  readonly condition: OverallCondition;
  /** The worst first, then by name. */
  readonly entries: readonly EntryStatus[];
  /** Undefined: it could not be read. */
  readonly inbox: InboxStatus | undefined;
  /** Those with a sign of life in the last minute, and the sources that each runs. */
  readonly processes: readonly (ProcessBeat & { readonly holds: readonly string[] })[];
}
