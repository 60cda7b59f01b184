import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { resumeAfterErrorMs, untilNextDueMs } from "./plan-resume.ts";
import { isStop } from "./pull-errors.ts";
import type { RunOutcome } from "./run-pull.ts";

/** What becomes of a lease when its run has ended. */
export type EndOfLease =
  | { readonly type: "done" }
  /** It is lost, so there is nothing to release; the run is claimed again. */
  | { readonly type: "lost" }
  | { readonly type: "unfinished"; readonly resumeInMs: number };

/** When a run is claimed again if it is unknown what the store has noted of it. */
export const storeRetryMs = 2_000;

export interface RunEnd {
  readonly outcome: RunOutcome;
  /** How many runs of the source failed in a row before this one. */
  readonly failures: number;
  readonly nowMs: number;
  /** Undefined: the schedule holds no further due. */
  readonly nextDueMs: number | undefined;
  readonly isStopping: boolean;
  readonly random: () => number;
}

/** Decides how a lease ends. Pure. */
export function planEndOfLease(end: RunEnd): EndOfLease {
  const { outcome } = end;
  if (outcome.type === "done") return { type: "done" };
  // Other processes need not have taken over: while the store was unreachable, none of them could.
  if (outcome.type === "failed" && isConnectorsError(outcome.error, "STORE_LEASE_LOST")) return { type: "lost" };
  // Also while this runner stops: the next one has to wait for the provider, too.
  if (outcome.type === "failed" && !isStop(outcome.error)) {
    return { type: "unfinished", resumeInMs: resumeAfterErrorMs({ ...end, error: outcome.error }) };
  }
  // It is claimed when the operator resumes the source, or with its new options, and must not wait for a due then.
  const isCut = outcome.type === "partial" && (outcome.reason === "paused" || outcome.reason === "reloaded");
  return { type: "unfinished", resumeInMs: end.isStopping || isCut ? 0 : untilNextDueMs(end) };
}
