/** A due that is to be claimed from the store. */
export interface PlannedClaim {
  readonly dueMs: number;
  /** Not claimed before. */
  readonly atMs: number;
  /** The wait in milliseconds when it was planned: a clock that is set back must not lengthen it. */
  readonly waitMs: number;
  /** Since when it could have been granted, as far as is known here: decides its place in the queue. */
  readonly sinceMs: number;
  /** Whether it stands for dues that no process could run. */
  readonly isCatchUp: boolean;
}

export interface ClaimToPlan {
  readonly dueMs: number;
  readonly nowMs: number;
  /** Default: it is claimed at once. */
  readonly waitMs?: number;
  readonly isCatchUp?: boolean;
}

/** Plans to claim `dueMs` in `waitMs`. */
export function planClaim({ dueMs, nowMs, waitMs = 0, isCatchUp = false }: ClaimToPlan): PlannedClaim {
  const atMs = nowMs + waitMs;
  return { dueMs, atMs, waitMs, sinceMs: atMs, isCatchUp };
}

export interface Postponement {
  readonly nowMs: number;
  readonly waitMs: number;
  /** Whether it is queued behind the waiting ones. */
  readonly losesPlace?: boolean;
}

/** The claim, to be made later. */
export function postponed(claim: PlannedClaim, { nowMs, waitMs, losesPlace = false }: Postponement): PlannedClaim {
  const atMs = nowMs + waitMs;
  return { ...claim, atMs, waitMs, ...(losesPlace && { sinceMs: atMs }) };
}
