import type { Clock } from "../contract/clock.ts";
import { RecordMap } from "./record-map.ts";
import { RecordTable } from "./record-table.ts";
import type { StoreRecords } from "./store-records.ts";

/** Records that end with this process: for a store that keeps none, and for what no other process has to see. */
export function recordsInMemory(clock: Pick<Clock, "now">): StoreRecords {
  const rows = new RecordMap();
  const table = new RecordTable(rows);
  return {
    get: async (scope, key) => table.get(scope, key, clock.now()),
    compareAndSet: async (write) => {
      const result = table.compareAndSet(write, clock.now());
      rows.dropExpired(clock.now());
      return result;
    },
    list: async (scope, query) => table.list(scope, query, clock.now()),
    scopes: async (query) => table.scopes(query),
  };
}
