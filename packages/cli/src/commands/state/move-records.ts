import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import { secretScopePrefix, type StoreRecord, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { toIso } from "../../terminal/json-style.ts";

/** A record as `state export` writes it. */
export interface ExportedRecord {
  readonly scope: string;
  readonly key: string;
  readonly value: string;
  /** ISO 8601. */
  readonly expires_at?: string;
}

/** A record that expires sooner concerns the processes that run now, not the state. */
const shortestLifeMs = 10 * 60_000;

/** The changes of cursors belong to the store that they were made in. */
const historyPrefix = "history/";

/** All records except secrets, the history of cursors and those that expire within 10 minutes. None if the store, or the runner that uses it, supports no records. */
export async function exportRecords(records: StoreRecords, nowMs: number): Promise<readonly ExportedRecord[]> {
  const exported: ExportedRecord[] = [];
  for await (const scope of allScopes(records)) {
    if (scope.startsWith(secretScopePrefix) || scope.startsWith(historyPrefix)) continue;
    for await (const record of allRecords(records, scope)) if (isLasting(record, nowMs)) exported.push(toExported(record));
  }
  return exported;
}

/** All records that hold secrets, as they are stored. Throws where the store, or the runner that uses it, has none. */
export async function exportSecrets(secrets: StoreRecords): Promise<readonly ExportedRecord[]> {
  const exported: ExportedRecord[] = [];
  await secrets.scopes({ limit: 1 });
  for await (const scope of allScopes(secrets))
    for await (const record of allRecords(secrets, scope)) exported.push(toExported(record));
  return exported;
}

/** Where an import writes to. */
export interface RecordTarget {
  readonly records: StoreRecords;
  /** Absent: records that hold secrets are left out. */
  readonly secretRecords?: StoreRecords;
}

/**
 * Writes the records and replaces those of the same scope and key. Returns how many; 0 if the store supports no records. Throws where secrets
 * are to be written and it supports none.
 */
export async function importRecords(target: RecordTarget, exported: readonly ExportedRecord[], nowMs: number): Promise<number> {
  let written = 0;
  for (const record of exported) {
    const ttlMs = record.expires_at === undefined ? undefined : Date.parse(record.expires_at) - nowMs;
    if (ttlMs !== undefined && ttlMs <= 0) continue;
    const records = record.scope.startsWith(secretScopePrefix) ? target.secretRecords : target.records;
    if (records === undefined) continue;
    if (await overwrite(records, record, ttlMs)) written += 1;
  }
  return written;
}

export function isExportedRecord(row: unknown): row is ExportedRecord {
  if (typeof row !== "object" || row === null) return false;
  const { scope, key, value, expires_at: expiresAt } = row as Readonly<Record<string, unknown>>;
  const isTime = expiresAt === undefined || (typeof expiresAt === "string" && !Number.isNaN(Date.parse(expiresAt)));
  return isTime && [scope, key, value].every((text) => typeof text === "string");
}

async function overwrite(records: StoreRecords, { scope, key, value }: ExportedRecord, ttlMs: number | undefined) {
  try {
    let current = await records.get(scope, key);
    for (;;) {
      const write = { scope, key, value, expectedVersion: current?.version ?? 0, ttlMs };
      const result = await records.compareAndSet(write);
      if (result.stored) return true;
      current = result.current;
    }
  } catch (error) {
    if (keepsNone(error) && !scope.startsWith(secretScopePrefix)) return false;
    throw error;
  }
}

async function* allScopes(records: StoreRecords): AsyncGenerator<string> {
  let after = "";
  for (;;) {
    const page = await records.scopes({ after }).catch((error: unknown) => {
      if (keepsNone(error)) return [];
      throw error;
    });
    yield* page;
    if (page.length === 0) return;
    after = page.at(-1)!;
  }
}

async function* allRecords(records: StoreRecords, scope: string): AsyncGenerator<StoreRecord> {
  let after = "";
  for (;;) {
    // Values have at most 64 KiB, so a page has at most 3.2 MB.
    const page = await records.list(scope, { after, limit: 50 });
    yield* page;
    if (page.length === 0) return;
    after = page.at(-1)!.key;
  }
}

function isLasting({ expiresAtMs }: StoreRecord, nowMs: number): boolean {
  return expiresAtMs === undefined || expiresAtMs - nowMs >= shortestLifeMs;
}

function toExported({ scope, key, value, expiresAtMs }: StoreRecord): ExportedRecord {
  return { scope, key, value, ...(expiresAtMs === undefined ? {} : { expires_at: toIso(expiresAtMs) }) };
}

/** A third-party store without records, or a running process of an earlier release. */
function keepsNone(error: unknown): boolean {
  return isConnectorsError(error, "STORE_RECORDS_MISSING") || isConnectorsError(error, "RUNNER_CONTROL_REQUEST");
}
