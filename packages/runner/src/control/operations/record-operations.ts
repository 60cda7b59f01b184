import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type CursorStore, secretScopePrefix, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { requireRecords } from "../../records/require-records.ts";
import type { RecordOperations } from "./operations.ts";

/** The records of a store, for people and tools. */
export function recordOperations(store: () => Promise<CursorStore>): RecordOperations {
  return { records: openRecords(store), secretRecords: secretRecords(store) };
}

/** All but those that hold secrets. */
function openRecords(store: () => Promise<CursorStore>): StoreRecords {
  return recordsWhere(store, (scope) => {
    if (scope.startsWith(secretScopePrefix)) throw secret(scope);
  });
}

/** Those that hold secrets, as they are stored: for commands that are called with `--with-secrets`. */
function secretRecords(store: () => Promise<CursorStore>): StoreRecords {
  const records = recordsWhere(store, (scope) => {
    if (scope !== "" && !scope.startsWith(secretScopePrefix)) throw noSecret(scope);
  });
  return { ...records, scopes: (query) => records.scopes({ ...query, prefix: secretScopePrefix }) };
}

function recordsWhere(store: () => Promise<CursorStore>, check: (scope: string) => void): StoreRecords {
  const open = async (scope: string): Promise<StoreRecords> => {
    check(scope);
    return requireRecords(await store());
  };
  return {
    get: async (scope, key) => (await open(scope)).get(scope, key),
    compareAndSet: async (write) => (await open(write.scope)).compareAndSet(write),
    list: async (scope, query) => (await open(scope)).list(scope, query),
    scopes: async (query) => (await open("")).scopes(query),
  };
}

function secret(scope: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_RECORD_SECRET",
    message: `records of the scope ${JSON.stringify(scope.slice(0, 100))} are secrets and stay in the store`,
    hint: `use a scope that does not begin with ${secretScopePrefix}`,
  });
}

function noSecret(scope: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_RECORD_SECRET",
    message: `the scope ${JSON.stringify(scope.slice(0, 100))} holds no secrets`,
    hint: `use a scope that begins with ${secretScopePrefix}`,
  });
}
