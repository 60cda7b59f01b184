import { isConnectorsError } from "@statewave-connectors/connector-sdk";
import type { RecordWriteResult, StoreRecords } from "@statewave-connectors/connector-sdk/store";

/** A record to create. */
export interface NewRecord {
  /** Default: `sink`. */
  readonly scope?: string;
  readonly key: string;
  readonly value?: string;
  readonly ttlMs?: number;
}

/** Creates a record that must not exist yet; returns its version. */
export async function create(records: StoreRecords, record: NewRecord): Promise<number> {
  return versionOf(await records.compareAndSet({ scope: "sink", value: "x", ...record, expectedVersion: 0 }));
}

/** The version that a write stored. */
export function versionOf(result: RecordWriteResult): number {
  if (result.stored) return result.version;
  throw new Error(`The write was refused: ${JSON.stringify(result)}`);
}

/** The code of the error that a call throws, or what it returned instead. */
export async function rejectionCode(call: () => Promise<unknown>): Promise<string> {
  try {
    return `returned ${JSON.stringify(await call())?.slice(0, 200)}`;
  } catch (error) {
    return isConnectorsError(error) ? error.code : `threw ${String(error)}`;
  }
}

/** Some at a time, so that a store is not flooded. */
export async function inGroups<Item>(items: readonly Item[], size: number, act: (item: Item) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += size) await Promise.all(items.slice(at, at + size).map(act));
}
