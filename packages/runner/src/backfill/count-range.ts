import type { Clock, ConnectorsError } from "@statewave-connectors/connector-sdk";
import { toRunId } from "../run-id.ts";
import type { SinkIdentity } from "../sink-binding/sink-identity.ts";
import type { BackfillCounts, BackfillJob } from "./backfill-job.ts";
import { type BackfillRequest, newJob, type RangedPull } from "./backfill-request.ts";
import { type BackfillView, viewOf } from "./backfill-view.ts";
import type { BackfillChange } from "./held-backfill.ts";
import { runBackfill } from "./run-backfill.ts";

/** What a backfill would deliver. */
export interface RangeCount extends Omit<BackfillCounts, "delivered" | "buried"> {
  readonly byKind: Readonly<Record<string, number>>;
  /** `occurred_at` of the first and the last episode in time; absent without episodes. */
  readonly firstAt?: string;
  readonly lastAt?: string;
}

export interface CountRangeOptions {
  readonly pull: RangedPull;
  readonly sink: SinkIdentity;
  readonly clock: Clock;
  readonly random: () => number;
  readonly syncTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: ((view: BackfillView) => void) | undefined;
}

/** More kinds than any connector has. */
const mostKinds = 1_000;

/** Reads a range to its end and counts it. Delivers nothing, writes nothing. Throws what ended it. */
export async function countRange(request: BackfillRequest, options: CountRangeOptions): Promise<RangeCount> {
  const { clock, signal, onProgress } = options;
  const held = new CountedJob(request, options);
  const byKind = new Map<string, number>();
  let [firstMs, lastMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const report = (job: BackfillJob, pause?: BackfillView["pause"]) => onProgress?.(viewOf(job, { nowMs: clock.now(), pause }));
  const end = await runBackfill({
    ...options,
    held,
    isDryRun: true,
    async deliver({ episodes }) {
      for (const { kind, occurred_at: at } of episodes) {
        if (byKind.has(kind) || byKind.size < mostKinds) byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
        const ms = Date.parse(at);
        firstMs = Math.min(firstMs, Number.isNaN(ms) ? firstMs : ms);
        lastMs = Math.max(lastMs, Number.isNaN(ms) ? lastMs : ms);
      }
      return { delivered: 0, buried: 0, withheld: episodes.length };
    },
    whenUp: async () => undefined,
    buryFailedItem: async () => undefined,
    runId: toRunId(options.random),
    stop: new AbortController().signal,
    signal,
    onProgress: report,
    onPause: (error: ConnectorsError, untilMs) => report(held.job, { code: error.code, message: error.message, untilMs }),
  });
  if (end.type === "failed") throw end.error;
  const { pages, episodes, skipped, failed } = held.job.counts;
  const hasTimes = firstMs <= lastMs;
  return {
    pages,
    episodes,
    skipped,
    failed,
    byKind: Object.fromEntries(byKind),
    ...(hasTimes ? { firstAt: new Date(firstMs).toISOString(), lastAt: new Date(lastMs).toISOString() } : {}),
  };
}

/** A backfill that is kept nowhere. */
class CountedJob {
  job: BackfillJob;
  cursor: string | undefined;

  constructor(request: BackfillRequest, { clock, sink }: CountRangeOptions) {
    this.job = newJob("", request, sink, clock.now());
  }

  async save(change: BackfillChange, cursor?: string): Promise<void> {
    this.job = { ...this.job, ...change };
    this.cursor = cursor ?? this.cursor;
  }
}
