import { type Clock, ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import {
  type AcquireLimit,
  type AcquireRequest,
  type AcquireResult,
  type CursorStore,
  CursorTable,
  type Lease,
  RecordMap,
  RecordTable,
  type ReleaseOutcome,
  type SourceState,
  type StoreRecords,
} from "@statewave-connectors/connector-sdk/store";

/** Cursors and leases in this process's memory: for development, tests, and pods that may forget. */
export class InMemoryPullCursorStore implements CursorStore {
  readonly durability = "held in memory, lost when this process ends";
  readonly livesIn = "process";
  readonly #clock: Clock;
  readonly #table = new CursorTable(new Map());
  readonly #recordRows = new RecordMap();
  readonly #records = new RecordTable(this.#recordRows);
  #closed = false;

  readonly records: StoreRecords = {
    get: async (scope, key) => this.#openRecords().get(scope, key, this.#clock.now()),
    compareAndSet: async (write) => {
      const result = this.#openRecords().compareAndSet(write, this.#clock.now());
      this.#recordRows.dropExpired(this.#clock.now());
      return result;
    },
    list: async (scope, query) => this.#openRecords().list(scope, query, this.#clock.now()),
    scopes: async (query) => this.#openRecords().scopes(query),
  };

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
  }

  async get(source: SourceKey): Promise<string | undefined> {
    return this.#open().get(source);
  }

  async set(source: SourceKey, cursor: string): Promise<void> {
    this.#open().set(source, cursor, this.#clock.now());
  }

  async delete(source: SourceKey): Promise<boolean> {
    return this.#open().delete(source);
  }

  async list(): Promise<readonly SourceState[]> {
    return this.#open().list(this.#clock.now());
  }

  async acquire(requests: readonly AcquireRequest[], limit?: AcquireLimit): Promise<readonly AcquireResult[]> {
    return this.#open().acquire(requests, this.#clock.now(), limit);
  }

  async renew(leases: readonly Lease[], ttlMs: number): Promise<readonly boolean[]> {
    return this.#open().renew(leases, ttlMs, this.#clock.now());
  }

  async checkpoint(lease: Lease, cursor: string): Promise<boolean> {
    return this.#open().checkpoint(lease, cursor, this.#clock.now());
  }

  async release(lease: Lease, outcome: ReleaseOutcome): Promise<boolean> {
    return this.#open().release(lease, outcome, this.#clock.now());
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #openRecords(): RecordTable {
    this.#open();
    return this.#records;
  }

  #open(): CursorTable {
    if (this.#closed) {
      throw new ConnectorsError({
        code: "STORE_CLOSED",
        message: "the cursor store in memory is closed",
        hint: "open a new one; what this one held is gone",
      });
    }
    return this.#table;
  }
}
