import type { Schedule } from "@statewave-connectors/config";
import { maxDueAheadMs } from "@statewave-connectors/connector-sdk/store";
import { planClaim, type PlannedClaim } from "./planned-claim.ts";

/** What a source is to do next. */
export interface SourcePlan {
  /** Undefined: its schedule holds no further due. */
  readonly nextDueMs: number | undefined;
  readonly claim: PlannedClaim | undefined;
}

/** A source when the clock is set. */
export interface SteppedSource extends SourcePlan {
  readonly schedule: Schedule;
  /** The last finished due, as far as this process knows. */
  readonly finishedDueMs: number | undefined;
  /** Whether it is neither queued nor running. */
  readonly isIdle: boolean;
}

/**
 * Plans a source again after the clock was set by `byMs`, back if negative: nothing waits longer than it was to. A source whose next due
 * would come later than before runs once in between, because its dues of this time may be finished already. Pure.
 */
export function planAfterStep(source: SteppedSource, nowMs: number, byMs: number): SourcePlan {
  const { schedule, claim, isIdle } = source;
  const inMs = (source.nextDueMs ?? Number.POSITIVE_INFINITY) - (nowMs - byMs);
  const nextMs = firstUnfinishedMs(source, nowMs);
  const nextDueMs = nextMs === undefined ? source.nextDueMs : Math.min(source.nextDueMs ?? nextMs, nextMs);
  if (claim !== undefined) {
    const dueMs = claim.dueMs > nowMs ? (schedule.latestAtOrBeforeMs(nowMs) ?? claim.dueMs) : claim.dueMs;
    return { nextDueMs, claim: { ...claim, atMs: Math.min(claim.atMs, nowMs + claim.waitMs), dueMs } };
  }
  if (byMs >= 0 || !isIdle || nowMs + inMs >= (nextMs ?? Number.POSITIVE_INFINITY)) return { nextDueMs, claim };
  const waitMs = Math.max(0, inMs);
  return { nextDueMs, claim: planClaim({ dueMs: nowMs + waitMs, nowMs, waitMs, isCatchUp: true }) };
}

/** The next due that is not finished already, when the clock shows a time for the second time. */
function firstUnfinishedMs({ schedule, finishedDueMs }: SteppedSource, nowMs: number): number | undefined {
  const nextMs = schedule.nextAfterMs(nowMs);
  if (nextMs === undefined || finishedDueMs === undefined || nextMs > finishedDueMs) return nextMs;
  // Further ahead of its time a finished due says nothing.
  return finishedDueMs <= nextMs + maxDueAheadMs ? schedule.nextAfterMs(finishedDueMs) : nextMs;
}
