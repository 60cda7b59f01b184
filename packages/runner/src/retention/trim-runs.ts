import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { StoreRecord, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { historyScopePrefix, keptRunsMs } from "../runs/run-records.ts";
import type { RunAccount } from "../runs/run-account.ts";
import { formatHistory, parseHistory } from "../runs/run-history.ts";

/** A history has at most 16 KiB. */
const pageLength = 50;

/** Forgets the accounts of runs that ended before a moment, of every source that the store remembers. Answers how many. */
export async function trimRuns(records: StoreRecords, beforeMs: number, signal: AbortSignal): Promise<number> {
  let trimmed = 0;
  let afterScope: string | undefined;
  for (;;) {
    const scopes: readonly string[] = await records.scopes({ prefix: historyScopePrefix, after: afterScope });
    for (const scope of scopes) trimmed += await trimScope(records, scope, beforeMs, signal);
    afterScope = scopes.at(-1);
    if (afterScope === undefined) return trimmed;
  }
}

async function trimScope(records: StoreRecords, scope: string, beforeMs: number, signal: AbortSignal): Promise<number> {
  let trimmed = 0;
  let after: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page: readonly StoreRecord[] = await records.list(scope, { after, limit: pageLength });
    for (const record of page) trimmed += await trimRecord(records, record, beforeMs);
    after = page.at(-1)?.key;
    if (page.length < pageLength) return trimmed;
  }
}

/** A run that is recorded meanwhile changes the version: the record is trimmed at the next pass. */
async function trimRecord(records: StoreRecords, { scope, key, value, version }: StoreRecord, beforeMs: number): Promise<number> {
  const source = parseSourceKey(`${scope.slice(historyScopePrefix.length)}/${key}`);
  if (source === undefined) return 0;
  const history = parseHistory(value, source);
  const kept = history.filter((account) => account.outcome === "running" || endOf(account) >= beforeMs);
  if (kept.length === history.length) return 0;
  const change = kept.length === 0 ? {} : { value: formatHistory(kept), ttlMs: keptRunsMs };
  const { stored } = await records.compareAndSet({ scope, key, expectedVersion: version, ...change });
  return stored ? history.length - kept.length : 0;
}

function endOf({ startedAtMs, durationMs }: RunAccount): number {
  return startedAtMs + durationMs;
}
