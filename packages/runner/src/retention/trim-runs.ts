import { parseSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { StoreRecord, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { historyScopePrefix, keptRunsMs, summaryScopePrefix } from "../runs/run-records.ts";
import type { RunAccount } from "../runs/run-account.ts";
import { formatHistory, parseHistory } from "../runs/run-history.ts";
import { formatSummary, parseSummary } from "../runs/source-summary.ts";

/** A history has at most 48 KiB. */
const pageLength = 16;

const forgottenText = "its text is older than [runner.retention] runs";

/**
 * Forgets the accounts of runs that ended before a moment, of every source that the store remembers, and the text of an error that a summary
 * has of such a run. Answers how many accounts.
 */
export async function trimRuns(records: StoreRecords, beforeMs: number, signal: AbortSignal): Promise<number> {
  let trimmed = 0;
  for await (const record of recordsBelow(records, historyScopePrefix, signal))
    trimmed += await trimRecord(records, record, beforeMs);
  for await (const record of recordsBelow(records, summaryScopePrefix, signal)) await forgetErrorText(records, record, beforeMs);
  return trimmed;
}

/** The records of all scopes that begin so. */
async function* recordsBelow(records: StoreRecords, prefix: string, signal: AbortSignal): AsyncGenerator<StoreRecord, void> {
  let afterScope: string | undefined;
  for (;;) {
    const scopes: readonly string[] = await records.scopes({ prefix, after: afterScope });
    for (const scope of scopes) yield* recordsOf(records, scope, signal);
    afterScope = scopes.at(-1);
    if (afterScope === undefined) return;
  }
}

async function* recordsOf(records: StoreRecords, scope: string, signal: AbortSignal): AsyncGenerator<StoreRecord, void> {
  let after: string | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page: readonly StoreRecord[] = await records.list(scope, { after, limit: pageLength });
    yield* page;
    after = page.at(-1)?.key;
    if (page.length < pageLength) return;
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

/** The summary says that the source fails as long as no run succeeds; the text of the error goes with the account of its run. */
async function forgetErrorText(records: StoreRecords, record: StoreRecord, beforeMs: number): Promise<void> {
  const { scope, key, value, version } = record;
  const source = parseSourceKey(`${scope.slice(summaryScopePrefix.length)}/${key}`);
  const summary = source && parseSummary(value, source);
  if (summary === undefined) return;
  const { last } = summary;
  if (last.error === undefined || last.error.message === forgottenText || endOf(last) >= beforeMs) return;
  const text = formatSummary({ ...summary, last: { ...last, error: { ...last.error, message: forgottenText } } });
  await records.compareAndSet({ scope, key, value: text, expectedVersion: version, ttlMs: keptRunsMs });
}

function endOf({ startedAtMs, durationMs }: RunAccount): number {
  return startedAtMs + durationMs;
}
