import type { CursorStore, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import type { Ledger } from "./ledger.ts";
import type { SimulatedProcess, SimulatedServer } from "./simulated-process.ts";

export interface RemoteStoreParts {
  readonly process: SimulatedProcess;
  readonly server: SimulatedServer;
  /** The store itself: the shipped class. */
  readonly store: CursorStore & { readonly records: StoreRecords };
  readonly ledger: Ledger;
  readonly nowMs: () => number;
  /** Called with the epoch of each lease that the process learns of. */
  readonly onLease: (source: string, epoch: number) => void;
}

/** The store as one process reaches it; what the store answers is held against the promises at that very moment. */
export function remoteStore({ process, server, store, ledger, nowMs, onLease }: RemoteStoreParts): CursorStore {
  const call = <Value>(carryOut: () => Promise<Value>) => process.call(server, carryOut);
  const { records } = store;
  return {
    durability: store.durability,
    get: (source) => call(() => store.get(source)),
    set: (source, cursor) => call(() => store.set(source, cursor)),
    delete: (source) => call(() => store.delete(source)),
    list: () => call(() => store.list()),
    async acquire(requests, limit) {
      const results = await call(async () => {
        const answers = await store.acquire(requests, limit);
        for (const answer of answers) if (answer.granted) ledger.granted(answer.lease.source.name, answer.lease.epoch, nowMs());
        return answers;
      });
      for (const result of results) if (result.granted) onLease(result.lease.source.name, result.lease.epoch);
      return results;
    },
    renew: (leases, ttlMs) => call(() => store.renew(leases, ttlMs)),
    checkpoint: (lease, cursor) =>
      call(async () => {
        const isStored = await store.checkpoint(lease, cursor);
        ledger.checkpointed(lease.source.name, lease.epoch, Number(cursor), isStored);
        return isStored;
      }),
    release: (lease, outcome) =>
      call(async () => {
        const isReleased = await store.release(lease, outcome);
        ledger.released(lease.source.name, lease.dueMs, isReleased && outcome.type === "done", nowMs());
        return isReleased;
      }),
    records: {
      get: (scope, key) => call(() => records.get(scope, key)),
      compareAndSet: (write) => call(() => records.compareAndSet(write)),
      list: (scope, query) => call(() => records.list(scope, query)),
      scopes: (query) => call(() => records.scopes(query)),
    },
    close: async () => undefined,
  };
}
