import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type CursorStore, secretScopePrefix, type StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { requireRecords } from "../records/require-records.ts";
import { recordsPrefix, type RecordRequest, secretsPrefix } from "./remote-records.ts";

/** The records of a store, for people and tools: all but those that hold secrets. */
export function recordOperations(store: () => Promise<CursorStore>): StoreRecords {
  return recordsWhere(store, (scope) => {
    if (scope.startsWith(secretScopePrefix)) throw secret(scope);
  });
}

/** The records of a store that hold secrets, as they are stored: for commands that are called with `--with-secrets`. */
export function secretRecordOperations(store: () => Promise<CursorStore>): StoreRecords {
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

type RecordCall = (records: StoreRecords, request: RecordRequest) => Promise<unknown>;

const calls: Readonly<Record<string, RecordCall>> = {
  get: (records, { scope = "", key = "" }) => records.get(scope, key),
  write: (records, { record }) => records.compareAndSet(record ?? { scope: "", key: "", expectedVersion: 0 }),
  list: (records, { scope = "", query }) => records.list(scope, query),
  scopes: (records, { query }) => records.scopes(query),
};

/** Serves a tool's request about records; undefined for any other request. */
export function callRecords(
  { records, secretRecords }: { readonly records: StoreRecords; readonly secretRecords: StoreRecords },
  request: RecordRequest,
): Promise<unknown> | undefined {
  for (const [prefix, served] of [
    [recordsPrefix, records],
    [secretsPrefix, secretRecords],
  ] as const) {
    const name = request.operation.startsWith(prefix) ? request.operation.slice(prefix.length) : "";
    if (Object.hasOwn(calls, name)) return calls[name]?.(served, request);
  }
  return undefined;
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
