import type { Clock } from "@statewave-connectors/connector-sdk";
import { recordContended } from "../records/record-contended.ts";
import { backfillOver, backfillUnknown } from "./backfill-errors.ts";
import type { OpenedPull } from "../pull/opened-pull.ts";
import { pullOf } from "../pull/pull-of.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import { backfillId, isResumable } from "./backfill-job.ts";
import type { BackfillRecords } from "./backfill-records.ts";
import { type BackfillRequest, newJob, requireRange } from "./backfill-request.ts";
import { type BackfillView, viewOf } from "./backfill-view.ts";

/** All backfills that the store remembers, the latest first. */
export async function listBackfills(records: BackfillRecords, clock: Clock): Promise<readonly BackfillView[]> {
  const [stored, holders] = [await records.list(), await records.holders()];
  const views = stored.map(({ job }) =>
    viewOf(job, { nowMs: clock.now(), holder: job.status === "open" ? holders.get(job.id) : undefined }),
  );
  return views.toSorted((left, right) => right.startedAtMs - left.startedAtMs);
}

export interface PreparedFor {
  /** Of the configuration. */
  readonly pulls: readonly OpenedPull[];
  readonly records: BackfillRecords;
  readonly clock: Clock;
  /** What is read is delivered there. */
  readonly sink: SinkIdentity;
}

/**
 * Stores a backfill without reading anything: a runner begins with it within half a minute. One of the same range that is open stays as it
 * is. Throws as `requireRange` does.
 */
export async function prepareBackfill(
  request: BackfillRequest,
  { pulls, records, clock, sink }: PreparedFor,
): Promise<BackfillView> {
  requireRange(pullOf(pulls, request.source), request, { pulls, delivers: true });
  const id = backfillId(request.source, request.rangeText, request.stream);
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const stored = await records.get(id);
    if (stored !== undefined && isResumable(stored.job)) return viewOf(stored.job, { nowMs: clock.now() });
    const job = newJob(id, request, sink, clock.now());
    if ((await records.write(job, stored?.version ?? 0)) !== undefined) return viewOf(job, { nowMs: clock.now() });
  }
  throw recordContended(`backfills ${id}`, mostAttempts);
}

const mostAttempts = 20;

/**
 * Ends a backfill for good: a process that runs it stops within seconds. What was delivered stays delivered. Throws `PULL_BACKFILL_UNKNOWN`,
 * and `PULL_BACKFILL_OVER` when it has ended already.
 */
export async function cancelBackfill(records: BackfillRecords, id: string, clock: Clock): Promise<BackfillView> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const stored = await records.get(id);
    if (stored === undefined) throw backfillUnknown(id);
    if (!isResumable(stored.job)) throw backfillOver(stored.job);
    const job = { ...stored.job, status: "cancelled" as const, cursor: undefined, updatedAtMs: clock.now() };
    // A running one saves its progress in between.
    if ((await records.write(job, stored.version)) === undefined) continue;
    await records.texts.drop(stored.job.cursor);
    return viewOf(job, { nowMs: clock.now() });
  }
  throw recordContended(`backfills ${id}`, mostAttempts);
}
