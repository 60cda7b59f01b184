import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { BackfillCounts, BackfillError, BackfillJob, BackfillStatus } from "./backfill-job.ts";
import type { LeaseHolder } from "./backfill-records.ts";
import type { Remaining } from "../progress/remaining.ts";
import { estimateRemaining } from "./estimate-remaining.ts";

/** A backfill as people and tools see it: plain data. */
export interface BackfillView extends BackfillCounts {
  readonly id: string;
  /** `kind/name`. */
  readonly source: string;
  readonly since: string;
  readonly until: string;
  readonly stream?: string;
  readonly perSecond?: number;
  readonly expected?: number;
  /** Where its episodes go. */
  readonly sink: string;
  readonly status: BackfillStatus;
  /** The process that reads it now. */
  readonly runningIn?: { readonly host: string; readonly pid: number };
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
  readonly activeMs: number;
  readonly remaining?: Remaining;
  /** Why it failed. */
  readonly error?: BackfillError;
  /** Why it waits, and until when. */
  readonly pause?: BackfillError & { readonly untilMs: number };
}

/** What it shows of a job at this moment. */
export function viewOf(
  job: BackfillJob,
  {
    nowMs,
    holder,
    pause,
  }: { readonly nowMs: number; readonly holder?: LeaseHolder | undefined; readonly pause?: BackfillView["pause"] },
): BackfillView {
  const { id, source, since, until, stream, perSecond, expected, sink, status, startedAtMs, updatedAtMs, activeMs } = job;
  const remaining = status === "open" || status === "stopped" ? estimateRemaining(job, nowMs) : undefined;
  return {
    id,
    source: formatSourceKey(source),
    since,
    until,
    ...(stream === undefined ? {} : { stream }),
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(expected === undefined ? {} : { expected }),
    sink: sink.label,
    status,
    ...(holder === undefined ? {} : { runningIn: { host: holder.host, pid: holder.pid } }),
    startedAtMs,
    updatedAtMs,
    activeMs: Math.round(activeMs),
    ...job.counts,
    ...(remaining === undefined ? {} : { remaining }),
    ...(job.error === undefined ? {} : { error: job.error }),
    ...(pause === undefined ? {} : { pause }),
  };
}
