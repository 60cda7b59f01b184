import type { SourceKey } from "@statewave-connectors/connector-sdk";
import type { OpenedPull } from "../pull/opened-pull.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import { dryRunEntry, rangeInvalid, rangeMissing } from "./backfill-errors.ts";
import { type BackfillJob, noCounts } from "./backfill-job.ts";

/** Reads a range of a source again, beside its live cursor. */
export interface BackfillRequest {
  readonly source: SourceKey;
  /** ISO 8601 with offset: the first instant, */
  readonly since: string;
  /** and the first that is outside. */
  readonly until: string;
  /** The range as the operator wrote it: the same text resumes the same backfill, although an age such as `90d` means another instant by then. */
  readonly rangeText: string;
  /** One of the streams of the entry. Absent: all of them. */
  readonly stream?: string | undefined;
  /** Episodes a second, at most. Absent: as before, or as fast as the source and the sink are. */
  readonly perSecond?: number | undefined;
  /** How many episodes the range has, where the operator knows: the estimate of what remains is derived from it. */
  readonly expected?: number | undefined;
}

/** A pull entry whose connector reads ranges. */
export type RangedPull = OpenedPull & { readonly source: Required<Pick<OpenedPull["source"], "range">> };

/** Throws `PULL_RANGE_INVALID`, `PULL_RANGE_MISSING` when the connector reads no ranges, and `PULL_DRY_RUN` for an entry that delivers nothing. */
export function requireRange(
  pull: OpenedPull,
  { since, until }: Pick<BackfillRequest, "since" | "until">,
  { pulls, delivers }: { readonly pulls: readonly OpenedPull[]; readonly delivers: boolean },
): RangedPull {
  const [fromMs, toMs] = [Date.parse(since), Date.parse(until)];
  if (Number.isNaN(fromMs) || Number.isNaN(toMs)) throw rangeInvalid(`${since} or ${until} is no time`);
  if (fromMs >= toMs) throw rangeInvalid(`${until} is not later than ${since}`);
  if (!readsRanges(pull)) throw rangeMissing(pull, pulls);
  if (delivers && pull.entry.dryRun) throw dryRunEntry(pull.key);
  return pull;
}

export function readsRanges(pull: OpenedPull): pull is RangedPull {
  return pull.source.range !== undefined;
}

/** The record of a backfill that begins. */
export function newJob(id: string, request: BackfillRequest, sink: SinkIdentity, nowMs: number): BackfillJob {
  const { source, since, until, stream, perSecond, expected } = request;
  return {
    id,
    source,
    since,
    until,
    stream,
    perSecond,
    expected,
    sink,
    status: "open",
    counts: noCounts,
    startedAtMs: nowMs,
    updatedAtMs: nowMs,
    activeMs: 0,
  };
}

/** The record of a backfill that continues, with what the new request changes. */
export function resumedJob(job: BackfillJob, request: BackfillRequest | undefined): BackfillJob {
  const { perSecond = job.perSecond, expected = job.expected } = request ?? {};
  return { ...job, status: "open", perSecond, expected, error: undefined };
}
