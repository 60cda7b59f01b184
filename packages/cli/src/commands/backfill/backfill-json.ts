import type { BackfillRequest, BackfillView, RangeCount } from "@statewave-connectors/runner/operations";
import { remainingToJson, toIso } from "../../terminal/json-style.ts";

/** A backfill as `--json` prints it. */
export function backfillToJson(view: BackfillView): unknown {
  const { perSecond, runningIn, startedAtMs, updatedAtMs, activeMs, remaining, error, pause, ...rest } = view;
  return {
    ...rest,
    ...(perSecond === undefined ? {} : { per_second: perSecond }),
    ...(runningIn === undefined ? {} : { running_in: runningIn }),
    started_at: toIso(startedAtMs),
    updated_at: toIso(updatedAtMs),
    active_ms: activeMs,
    ...remainingToJson(remaining),
    ...(error === undefined ? {} : { error }),
    ...(pause === undefined ? {} : { pause: { code: pause.code, message: pause.message, until: toIso(pause.untilMs) } }),
  };
}

/** What `backfill --dry-run --json` prints. */
export function rangeCountToJson(
  source: string,
  { since, until, stream }: Pick<BackfillRequest, "since" | "until" | "stream">,
  { byKind, firstAt, lastAt, ...counts }: RangeCount,
): unknown {
  return {
    source,
    since,
    until,
    ...(stream === undefined ? {} : { stream }),
    ...counts,
    by_kind: byKind,
    ...(firstAt === undefined ? {} : { first_at: firstAt, last_at: lastAt }),
  };
}
