import { type Clock, ConnectorsError } from "@statewave-connectors/connector-sdk";
import {
  type CursorStore,
  CursorTable,
  type RecordMap,
  RecordTable,
  type SourceRow,
} from "@statewave-connectors/connector-sdk/store";

/** The methods of a table, so that a test can put a broken one in a sound one's place. */
export type Table = Pick<CursorTable, keyof CursorTable>;

/** What is left when a store is closed: a disk or a server, as far as the suite can tell. */
export interface Place {
  readonly rows: Map<string, SourceRow>;
  readonly records: RecordMap;
  openers: number;
}

export interface TableStoreOptions {
  readonly clock: Clock;
  readonly place: Place;
  /** Whether a second opener is refused; then leases end with the one that is open. */
  readonly exclusive: boolean;
  readonly table?: Table;
}

/** A small sound cursor store: the suite is tried on it, and on what breaks when parts of it are replaced. */
export function openTableStore({ clock, place, exclusive, table = new CursorTable(place.rows) }: TableStoreOptions): CursorStore {
  if (exclusive && place.openers > 0) throw new ConnectorsError({ code: "STORE_LOCKED", message: "The place is in use." });
  if (exclusive) for (const [key, row] of place.rows) place.rows.set(key, { ...row, lease: undefined });
  place.openers += 1;
  const records = new RecordTable(place.records);
  let closed = false;
  const answer = async <Result>(ask: (nowMs: number) => Result): Promise<Result> => {
    if (closed) throw new ConnectorsError({ code: "STORE_CLOSED", message: "The store is closed." });
    return ask(clock.now());
  };
  return {
    durability: "survives closing, in a test",
    get: (source) => answer(() => table.get(source)),
    set: (source, cursor) => answer((nowMs) => table.set(source, cursor, nowMs)),
    delete: (source) => answer(() => table.delete(source)),
    list: () => answer((nowMs) => table.list(nowMs)),
    acquire: (requests, limit) => answer((nowMs) => table.acquire(requests, nowMs, limit)),
    renew: (leases, ttlMs) => answer((nowMs) => table.renew(leases, ttlMs, nowMs)),
    checkpoint: (lease, cursor) => answer((nowMs) => table.checkpoint(lease, cursor, nowMs)),
    release: (lease, outcome) => answer((nowMs) => table.release(lease, outcome, nowMs)),
    records: {
      get: (scope, key) => answer((nowMs) => records.get(scope, key, nowMs)),
      compareAndSet: (write) =>
        answer((nowMs) => {
          place.records.dropExpired(nowMs);
          return records.compareAndSet(write, nowMs);
        }),
      list: (scope, query) => answer((nowMs) => records.list(scope, query, nowMs)),
      scopes: (query) => answer(() => records.scopes(query)),
    },
    close: async () => {
      if (!closed) place.openers -= 1;
      closed = true;
    },
  };
}
