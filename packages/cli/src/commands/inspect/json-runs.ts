import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { RunAccount, RunError } from "@statewave-connectors/runner/status";
import { toIso } from "../../terminal/json-style.ts";

/** The account of a run. */
export function runToJson(account: RunAccount, balanced: boolean): Readonly<Record<string, unknown>> {
  const { source, runId, process, dueMs, startedAtMs, durationMs, outcome, reason, resumed, error } = account;
  const { fetched, mapped, skipped, failed, delivered, buried } = account;
  return {
    source: formatSourceKey(source),
    run_id: runId,
    process,
    due: dueMs === undefined ? undefined : toIso(dueMs),
    started_at: toIso(startedAtMs),
    duration_ms: durationMs,
    outcome,
    reason,
    resumed,
    fetched,
    mapped,
    skipped,
    failed,
    delivered,
    buried,
    balanced,
    pages: account.pages,
    open_items: account.openItems,
    requests: account.requests,
    moved_cursor: account.movedCursor,
    runs: account.runs,
    since: toIso(account.sinceMs),
    error: error === undefined ? undefined : runErrorToJson(error),
  };
}

/** Why a run failed. */
export function runErrorToJson({ code, message, retryAtMs }: RunError): Readonly<Record<string, unknown>> {
  return { code, message, retry_at: retryAtMs === undefined ? undefined : toIso(retryAtMs) };
}
