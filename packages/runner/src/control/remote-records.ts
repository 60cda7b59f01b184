import type {
  RecordQuery,
  RecordWrite,
  RecordWriteResult,
  StoreRecord,
  StoreRecords,
} from "@statewave-connectors/connector-sdk/store";

/** What a tool sends about records; `operation` is one of `recordCalls`. */
export interface RecordRequest {
  readonly operation: string;
  readonly scope?: string;
  readonly key?: string;
  readonly record?: RecordWrite;
  readonly query?: RecordQuery;
}

/** The records of the store that a running process holds. */
export function remoteRecords(call: (request: RecordRequest & Record<string, unknown>) => Promise<unknown>): StoreRecords {
  return {
    get: async (scope, key) => ((await call({ operation: "state.records.get", scope, key })) as StoreRecord | null) ?? undefined,
    compareAndSet: async (record) => (await call({ operation: "state.records.write", record })) as RecordWriteResult,
    list: async (scope, query = {}) => (await call({ operation: "state.records.list", scope, query })) as StoreRecord[],
    scopes: async (query = {}) => (await call({ operation: "state.records.scopes", query })) as string[],
  };
}
