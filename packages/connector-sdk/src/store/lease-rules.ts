import {
  type AcquireRequest,
  type AcquireResult,
  type Lease,
  longestLeaseMs,
  longestResumeMs,
  maxDueAheadMs,
  type ReleaseOutcome,
  type SourceState,
} from "./cursor-store.ts";
import type { SourceKey } from "../contract/source.ts";

/** What a cursor store keeps of one source. Times are epoch milliseconds on the store's clock. */
export interface SourceRow {
  readonly cursor: string | undefined;
  readonly updatedAtMs: number | undefined;
  /** The latest epoch given out. A row is never dropped, so that it cannot be given out again. */
  readonly epoch: number;
  readonly finishedDueMs: number | undefined;
  readonly openDueMs: number | undefined;
  /** When the open run may be resumed; undefined: as soon as no lease is live. */
  readonly resumeAtMs: number | undefined;
  /** The lease of the current epoch. It stays here after its time, until it is released or another process takes over. */
  readonly lease: { readonly owner: string; readonly dueMs: number | undefined; readonly lapsesAtMs: number } | undefined;
}

/** The row of an unknown source. */
export const unknownSource: SourceRow = {
  cursor: undefined,
  updatedAtMs: undefined,
  epoch: 0,
  finishedDueMs: undefined,
  openDueMs: undefined,
  resumeAtMs: undefined,
  lease: undefined,
};

/** Decides one claim, in the order that `CursorStore` documents. A refusal leaves `stored` as it is. */
export function decideAcquire(
  stored: SourceRow,
  request: AcquireRequest,
  nowMs: number,
): { row: SourceRow; result: AcquireResult } {
  const row = asOf(stored, nowMs);
  const refusal = refusalOf(row, request.dueMs, nowMs);
  if (refusal !== undefined) return { row: stored, result: refusal };
  const { source, owner, ttlMs } = request;
  const resumed = request.dueMs !== undefined && row.openDueMs !== undefined && row.openDueMs >= request.dueMs;
  const dueMs = resumed ? row.openDueMs : request.dueMs;
  const epoch = row.epoch + 1;
  const claimed = dueMs === undefined ? {} : { openDueMs: dueMs, resumeAtMs: undefined };
  return {
    row: { ...row, ...claimed, epoch, lease: { owner, dueMs, lapsesAtMs: lapsesAt(nowMs, ttlMs) } },
    result: {
      granted: true,
      lease: {
        source,
        owner,
        epoch,
        ...(dueMs === undefined ? {} : { dueMs }),
        resumed,
        ...(row.cursor === undefined ? {} : { cursor: row.cursor }),
      },
    },
  };
}

/** The row without the times that lie further ahead than they can: they were written while the clock was ahead. */
function asOf(row: SourceRow, nowMs: number): SourceRow {
  const { openDueMs, finishedDueMs, resumeAtMs, updatedAtMs, lease } = row;
  const isAhead = (ms: number | undefined, byMs: number) => ms !== undefined && ms > nowMs + byMs;
  const waits = ![openDueMs, finishedDueMs, updatedAtMs].some((ms) => isAhead(ms, maxDueAheadMs));
  return {
    ...row,
    finishedDueMs: isAhead(finishedDueMs, maxDueAheadMs) ? undefined : finishedDueMs,
    openDueMs: isAhead(openDueMs, maxDueAheadMs) ? nowMs : openDueMs,
    resumeAtMs: waits && !isAhead(resumeAtMs, longestResumeMs) ? resumeAtMs : undefined,
    lease: isAhead(lease?.lapsesAtMs, longestLeaseMs) ? undefined : lease,
  };
}

function lapsesAt(nowMs: number, ttlMs: number): number {
  return nowMs + Math.min(ttlMs, longestLeaseMs);
}

function refusalOf(row: SourceRow, dueMs: number | undefined, nowMs: number): AcquireResult | undefined {
  if (dueMs !== undefined && dueMs > nowMs + maxDueAheadMs) return { granted: false, reason: "early" };
  if (row.lease !== undefined && row.lease.lapsesAtMs > nowMs) {
    return { granted: false, reason: "busy", retryInMs: row.lease.lapsesAtMs - nowMs };
  }
  if (dueMs === undefined) return undefined;
  if (row.openDueMs !== undefined) {
    const waitMs = (row.resumeAtMs ?? nowMs) - nowMs;
    return waitMs > 0 ? { granted: false, reason: "waiting", retryInMs: waitMs } : undefined;
  }
  return row.finishedDueMs !== undefined && dueMs <= row.finishedDueMs ? { granted: false, reason: "finished" } : undefined;
}

/** Whether a request under `lease` still counts: no process took over, no tool set or deleted the cursor, and the lease was not released. */
function holds(row: SourceRow, lease: Lease): row is SourceRow & { readonly lease: NonNullable<SourceRow["lease"]> } {
  return row.lease !== undefined && row.epoch === lease.epoch;
}

/** The row with the lease extended, or undefined: stale. */
export function planRenew(row: SourceRow, lease: Lease, ttlMs: number, nowMs: number): SourceRow | undefined {
  return holds(row, lease) ? { ...row, lease: { ...row.lease, lapsesAtMs: lapsesAt(nowMs, ttlMs) } } : undefined;
}

/** The row with the cursor stored, or undefined: stale. */
export function planCheckpoint(row: SourceRow, lease: Lease, cursor: string, nowMs: number): SourceRow | undefined {
  return holds(row, lease) ? { ...row, cursor, updatedAtMs: nowMs } : undefined;
}

/** The row with the lease ended, or undefined: stale. */
export function planRelease(row: SourceRow, lease: Lease, outcome: ReleaseOutcome, nowMs: number): SourceRow | undefined {
  if (!holds(row, lease)) return undefined;
  const free = { ...row, lease: undefined };
  const { dueMs } = row.lease;
  if (dueMs === undefined) return free;
  if (outcome.type === "unfinished") return { ...free, resumeAtMs: nowMs + Math.min(outcome.resumeInMs, longestResumeMs) };
  return { ...free, finishedDueMs: dueMs, openDueMs: undefined, resumeAtMs: undefined };
}

/** The row with the cursor a person wrote: the process that ran meanwhile has lost the lease, the unfinished run stays. */
export function planSet(row: SourceRow, cursor: string, nowMs: number): SourceRow {
  return { ...row, cursor, updatedAtMs: nowMs, epoch: row.epoch + 1, lease: undefined };
}

/** The row without a cursor; what is known of dues stays. */
export function planDelete(row: SourceRow): SourceRow {
  return { ...row, cursor: undefined, updatedAtMs: undefined, epoch: row.epoch + 1, lease: undefined };
}

/** What is known of a source, dues as they are stored; undefined when only its epoch is left. */
export function describeSource(source: SourceKey, row: SourceRow, nowMs: number): SourceState | undefined {
  const { cursor, updatedAtMs, epoch, finishedDueMs, openDueMs } = row;
  const { resumeAtMs, lease: held } = asOf(row, nowMs);
  const lease = held !== undefined && held.lapsesAtMs > nowMs ? held : undefined;
  if ((cursor ?? finishedDueMs ?? openDueMs) === undefined && lease === undefined) return undefined;
  return {
    source,
    epoch,
    ...(cursor === undefined ? {} : { cursor }),
    ...(updatedAtMs === undefined ? {} : { updatedAtMs }),
    ...(finishedDueMs === undefined ? {} : { finishedDueMs }),
    ...(openDueMs === undefined ? {} : { openDueMs }),
    ...(resumeAtMs !== undefined && resumeAtMs > nowMs ? { resumeInMs: resumeAtMs - nowMs } : {}),
    ...(lease === undefined ? {} : { lease: { owner: lease.owner, lapsesInMs: lease.lapsesAtMs - nowMs } }),
  };
}
