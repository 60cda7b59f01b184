import type {
  RecordQuery,
  RecordWrite,
  RecordWriteResult,
  StoreRecord,
  StoreRecords,
} from "@statewave-connectors/connector-sdk/store";

/** What operations on records begin with, and those on records that hold secrets. */
export const recordsPrefix = "state.records.";
export const secretsPrefix = "state.secrets.";

/** What a tool sends about records; `operation` is served by `callRecords`. */
export interface RecordRequest {
  readonly operation: string;
  readonly scope?: string;
  readonly key?: string;
  readonly record?: RecordWrite;
  readonly query?: RecordQuery;
}

/** The records of the store that a running process holds. */
export function remoteRecords(
  call: (request: RecordRequest & Record<string, unknown>) => Promise<unknown>,
  prefix: typeof recordsPrefix | typeof secretsPrefix = recordsPrefix,
): StoreRecords {
  return {
    get: async (scope, key) => ((await call({ operation: `${prefix}get`, scope, key })) as StoreRecord | null) ?? undefined,
    compareAndSet: async (record) => (await call({ operation: `${prefix}write`, record })) as RecordWriteResult,
    list: async (scope, query = {}) => (await call({ operation: `${prefix}list`, scope, query })) as StoreRecord[],
    scopes: async (query = {}) => (await call({ operation: `${prefix}scopes`, query })) as string[],
  };
}
