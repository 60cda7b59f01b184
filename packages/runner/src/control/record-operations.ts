import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type CursorStore, secretScopePrefix, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { requireRecords } from "../records/require-records.ts";
import type { RecordRequest } from "./remote-records.ts";

/** The records of a store, for people and tools: all but those that hold secrets. */
export function recordOperations(store: () => Promise<CursorStore>): StoreRecords {
  const open = async (scope: string): Promise<StoreRecords> => {
    if (scope.startsWith(secretScopePrefix)) throw secret(scope);
    return requireRecords(await store());
  };
  return {
    get: async (scope, key) => (await open(scope)).get(scope, key),
    compareAndSet: async (write) => (await open(write.scope)).compareAndSet(write),
    list: async (scope, query) => (await open(scope)).list(scope, query),
    scopes: async (query) => (await open("")).scopes(query),
  };
}

/** Serves a tool's request about records. */
export const recordCalls: Readonly<Record<string, (records: StoreRecords, request: RecordRequest) => Promise<unknown>>> = {
  "state.records.get": (records, { scope = "", key = "" }) => records.get(scope, key),
  "state.records.write": (records, { record }) => records.compareAndSet(record ?? { scope: "", key: "", expectedVersion: 0 }),
  "state.records.list": (records, { scope = "", query }) => records.list(scope, query),
  "state.records.scopes": (records, { query }) => records.scopes(query),
};

function secret(scope: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_RECORD_SECRET",
    message: `records of the scope ${JSON.stringify(scope.slice(0, 100))} are secrets and stay in the store`,
    hint: `use a scope that does not begin with ${secretScopePrefix}`,
  });
}
