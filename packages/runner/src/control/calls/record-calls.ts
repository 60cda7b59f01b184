import type {
  RecordQuery,
  RecordWrite,
  RecordWriteResult,
  StoreRecord,
  StoreRecords,
} from "@statewave-connectors/connector-sdk/store";
import type { Operations, RecordOperations } from "../operations/operations.ts";
import { type SendCall, type ServedCalls, unmasked } from "./call.ts";

/** What operations on records begin with, and those on records that hold secrets. */
const recordsPrefix = "state.records.";
const secretsPrefix = "state.secrets.";
type Prefix = typeof recordsPrefix | typeof secretsPrefix;

/** What calls about records carry. */
export interface RecordArguments {
  readonly scope?: string;
  readonly key?: string;
  readonly record?: RecordWrite;
  readonly query?: RecordQuery;
}

/** Serves calls about records. */
export const recordCalls = unmasked<RecordArguments>({
  ...callsOn(recordsPrefix, ({ records }) => records),
  ...callsOn(secretsPrefix, ({ secretRecords }) => secretRecords),
});

function callsOn(prefix: Prefix, recordsOf: (operations: Operations) => StoreRecords): ServedCalls<RecordArguments> {
  return {
    [`${prefix}get`]: (operations, { scope = "", key = "" }) => recordsOf(operations).get(scope, key),
    [`${prefix}write`]: (operations, { record = { scope: "", key: "", expectedVersion: 0 } }) =>
      recordsOf(operations).compareAndSet(record),
    [`${prefix}list`]: (operations, { scope = "", query }) => recordsOf(operations).list(scope, query),
    [`${prefix}scopes`]: (operations, { query }) => recordsOf(operations).scopes(query),
  };
}

/** The records of the store that a running process holds. */
export function remoteRecords(send: SendCall): RecordOperations {
  return { records: recordsBehind(send, recordsPrefix), secretRecords: recordsBehind(send, secretsPrefix) };
}

function recordsBehind(send: SendCall, prefix: Prefix): StoreRecords {
  return {
    get: async (scope, key) => ((await send({ operation: `${prefix}get`, scope, key })) as StoreRecord | null) ?? undefined,
    compareAndSet: async (record) => (await send({ operation: `${prefix}write`, record })) as RecordWriteResult,
    list: async (scope, query = {}) => (await send({ operation: `${prefix}list`, scope, query })) as StoreRecord[],
    scopes: async (query = {}) => (await send({ operation: `${prefix}scopes`, query })) as string[],
  };
}
