import type { Clock } from "@statewave-connectors/connector-sdk";
import type { CursorStore } from "@statewave-connectors/connector-sdk/store";
import { CursorTable, RecordMap } from "@statewave-connectors/connector-sdk/store";
import { type CursorStoreSubject, serverTime, type StoreTime } from "../../src/index.ts";
import { FakeClock } from "../../src/fake-clock.ts";
import { openTableStore, type Place, type Table } from "./table-store.ts";

/** The three sorts of stores there are: in memory, in a file of one process, on a server of many. */
export type Sort = "memory" | "file" | "server";

const homes = { memory: "process", file: "files", server: "server" } as const;

/** What is wrong with a store: parts that replace sound ones. */
export interface Fault {
  /** Of its decisions. `sound` has the same rows. */
  readonly table?: (rows: Place["rows"], sound: Table) => Partial<Table>;
  /** Of what surrounds them. */
  readonly store?: (sound: CursorStore, place: Place, clock: Clock) => Partial<CursorStore>;
}

/** A store of this sort, sound but for the fault, and the time it is tried in. */
export function brokenStore(sort: Sort, fault: Fault = {}): { store: CursorStoreSubject; time?: StoreTime } {
  const server = new FakeClock();
  const emptyPlace = (): Place => ({ rows: new Map(), records: new RecordMap(), openers: 0 });
  let place = emptyPlace();
  const forget = () => {
    place = emptyPlace();
  };
  const store: CursorStoreSubject = {
    name: sort,
    capabilities: {
      clock: sort === "server" ? "server" : "injected",
      persistent: sort !== "memory",
      shared: sort === "server",
      records: true,
    },
    reset: forget,
    open(context) {
      if (sort === "memory") forget();
      const clock = sort === "server" ? server : context.clock;
      const sound = methodsOf(new CursorTable(place.rows));
      const table = { ...sound, ...fault.table?.(place.rows, sound) };
      const opened = openTableStore({ clock, place, exclusive: sort === "file", table });
      return { ...opened, livesIn: homes[sort], ...fault.store?.(opened, place, context.clock) };
    },
  };
  return sort === "server" ? { store, time: serverTime(elapsing(server)) } : { store };
}

/** The server's clock as a client has it: to wait is to let it run. */
function elapsing(server: FakeClock): Clock {
  return {
    now: () => server.now(),
    after(delayMs, callback) {
      void (async () => {
        await server.advance(delayMs);
        callback();
      })();
      return () => undefined;
    },
  };
}

function methodsOf(table: CursorTable): Table {
  return {
    get: (source) => table.get(source),
    set: (source, cursor, nowMs) => table.set(source, cursor, nowMs),
    delete: (source) => table.delete(source),
    list: (nowMs) => table.list(nowMs),
    acquire: (requests, nowMs, limit) => table.acquire(requests, nowMs, limit),
    renew: (leases, ttlMs, nowMs) => table.renew(leases, ttlMs, nowMs),
    checkpoint: (lease, cursor, nowMs) => table.checkpoint(lease, cursor, nowMs),
    release: (lease, outcome, nowMs) => table.release(lease, outcome, nowMs),
  };
}
