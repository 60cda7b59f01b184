import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { EntryStatus, StatusReport } from "@statewave-connectors/runner/status";
import { runErrorToJson } from "./json-runs.ts";
import { remainingToJson, requestsToJson, toIso } from "../../terminal/json-style.ts";

/** How everything stands. */
export function statusToJson({ atMs, condition, entries, inbox, processes }: StatusReport): Readonly<Record<string, unknown>> {
  return {
    at: toIso(atMs),
    condition,
    entries: entries.map(entryToJson),
    inbox: inbox && {
      depth: inbox.depth,
      bytes: inbox.bytes,
      oldest_accepted_at: isoOr(inbox.oldestAcceptedAtMs),
      dead_letters: inbox.deadLetters,
    },
    processes: processes.map(({ host, pid, version, startedAtMs, seenAtMs, pulls, pushes, holds, sink }) => ({
      host,
      pid,
      version,
      started_at: toIso(startedAtMs),
      seen_at: toIso(seenAtMs),
      pulls,
      pushes,
      holds,
      sink: { label: sink.label, status: sink.status, since: isoOr(sink.sinceMs), reason: sink.reason },
    })),
  };
}

function entryToJson(entry: EntryStatus): Readonly<Record<string, unknown>> {
  const { direction, source, condition, standing, error, pause } = entry;
  return {
    entry: `${direction}:${formatSourceKey(source)}`,
    condition,
    last_success_at: isoOr(entry.lastSuccessMs),
    next_due: isoOr(entry.nextDueMs),
    lag_ms: entry.lagMs,
    cursor_age_ms: entry.cursorAgeMs,
    cursor_of: entry.cursorOf,
    standing: standing && { since: toIso(standing.sinceMs), runs: standing.runs },
    owner: entry.owner,
    resume_at: isoOr(entry.resumeAtMs),
    ...remainingToJson(entry.remaining),
    failures: entry.failures,
    error: error && runErrorToJson(error),
    dead_letters: entry.deadLetters,
    queued: entry.queued?.count,
    queued_more: entry.queued?.isWhole === false ? true : undefined,
    paused: pause && { requests: requestsToJson(pause) },
  };
}

function isoOr(atMs: number | undefined): string | undefined {
  return atMs === undefined ? undefined : toIso(atMs);
}
