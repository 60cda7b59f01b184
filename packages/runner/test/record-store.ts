import type { StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { InMemoryPullCursorStore } from "@statewave-connectors/cursor-store-memory";
import { FakeClock } from "@statewave-connectors/testing/fake-clock";

export interface RecordStore {
  readonly clock: FakeClock;
  readonly records: StoreRecords;
}

/** Records in memory, on a clock of the test's. */
export function recordStore(clock = new FakeClock(1_800_000_000_000)): RecordStore {
  const { records } = new InMemoryPullCursorStore({ clock });
  if (records === undefined) throw new Error("the store in memory keeps no records");
  return { clock, records };
}

/** The records, with each write announced before it is carried out. */
export function noticingWrites(records: StoreRecords, beforeWrite: () => Promise<void> | void): StoreRecords {
  return {
    get: (scope, key) => records.get(scope, key),
    list: (scope, query) => records.list(scope, query),
    scopes: (query) => records.scopes(query),
    async compareAndSet(write) {
      await beforeWrite();
      return records.compareAndSet(write);
    },
  };
}
