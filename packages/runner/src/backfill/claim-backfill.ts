import { type Clock, isConnectorsError, type Logger, type SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import { backfillOfOtherSink, toBackfillError } from "./backfill-errors.ts";
import { type BackfillJob, isResumable } from "./backfill-job.ts";
import type { BackfillRecords } from "./backfill-records.ts";
import { type BackfillRequest, newJob, resumedJob } from "./backfill-request.ts";
import { HeldBackfill } from "./held-backfill.ts";

export interface ClaimOptions {
  readonly records: BackfillRecords;
  readonly sink: SinkIdentity;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Removes what must not be stored from the text of an error. */
  readonly clean: (source: SourceKey, text: string) => string;
}

/**
 * Takes over the record of a backfill, whose lease this process holds; undefined when there is nothing to run. Without a request only one that
 * another process left is run.
 */
export async function claimBackfill(
  id: string,
  request: BackfillRequest | undefined,
  options: ClaimOptions,
): Promise<HeldBackfill | undefined> {
  const { records, clock, sink } = options;
  const stored = await records.get(id);
  const isLeft = stored !== undefined && isResumable(stored.job);
  // Without a request, only what no operator has stopped.
  if (request === undefined && stored?.job.status !== "open") return undefined;
  if (isLeft && stored.job.sink.fingerprint !== sink.fingerprint) throw backfillOfOtherSink(stored.job, sink);
  const job = isLeft ? resumedJob(stored.job, request) : request && newJob(id, request, sink, clock.now());
  if (job === undefined) return undefined;
  // Also a job that is not changed is written: from now on a process that had it before is refused.
  const version = await records.write(job, stored?.version ?? (await unreadableVersion(job, options)));
  return version === undefined ? undefined : openHeld({ job, version }, options);
}

async function openHeld(
  stored: { readonly job: BackfillJob; readonly version: number },
  { records, clock, logger, clean }: ClaimOptions,
): Promise<HeldBackfill> {
  const { job, version } = stored;
  try {
    return await HeldBackfill.open(records, stored, clock);
  } catch (error) {
    if (!isConnectorsError(error, "STORE_RECORD_UNREADABLE")) throw error;
    // No further attempt finds its cursor: it is shown with the reason instead of being tried every half minute.
    logger.error("backfill failed", { source: formatSourceKey(job.source), backfill: job.id, error });
    const kept = toBackfillError(error, (text) => clean(job.source, text));
    await records.write({ ...job, status: "failed", error: kept, updatedAtMs: clock.now() }, version);
    throw error;
  }
}

/** The version of a record that cannot be read, which a new job replaces; 0 when there is none. */
async function unreadableVersion({ id, source }: BackfillJob, { records, logger }: ClaimOptions): Promise<number> {
  const version = await records.versionOf(id);
  if (version > 0)
    logger.warn("the record of a backfill cannot be read: the whole range is read again", {
      source: formatSourceKey(source),
      backfill: id,
    });
  return version;
}
