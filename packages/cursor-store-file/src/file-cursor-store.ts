import { dirname, join, resolve } from "node:path";
import { type Clock, ConnectorsError, type SourceKey } from "@statewave-connectors/connector-sdk";
import { systemClock } from "@statewave-connectors/connector-sdk/host";
import { checkOptions } from "@statewave-connectors/connector-sdk/options";
import type {
  AcquireLimit,
  AcquireRequest,
  AcquireResult,
  CursorStore,
  Lease,
  ReleaseOutcome,
  SourceState,
  StoreRecords,
} from "@statewave-connectors/connector-sdk/store";
import * as v from "valibot";
import { backUpFiles } from "./backup-files.ts";
import { prepareCursorFile, temporaryPath } from "./cursor-file.ts";
import type { CursorLayout } from "./cursor-file-format.ts";
import { DurableRecords } from "./durable-records.ts";
import type { DurableRows } from "./durable-rows.ts";
import { type CursorFileSystem, machineFileSystem } from "./file-system.ts";
import { openRows } from "./open-rows.ts";
import { filePath } from "./options.ts";
import { lockForThisProcess } from "./process-lock.ts";
import { readRecordsFile } from "./records-file.ts";

export interface FileBackedPullCursorStoreOptions {
  /** The JSON file; it and its folder are made when they are missing. */
  readonly path: string;
  /** `dir`: each cursor in a file of its own, which may be edited while the store is closed. Default `file`. */
  readonly layout?: CursorLayout;
  /** The folder of those files. Default: `cursors` beside the file. */
  readonly dir?: string;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly fileSystem?: CursorFileSystem;
}

/**
 * Opens cursors and leases in one JSON file, for this process alone.
 *
 * The process that held a lease is dead, or the lock would not be ours: unfinished runs may be resumed at once.
 *
 * @throws ConnectorsError `STORE_LOCKED` when another process has it open; `STORE_FILE_CORRUPT`, `STORE_FILE_VERSION` or
 * `STORE_FILE_UNREADABLE` when the file cannot be trusted, and it is left as it is; `STORE_UNWRITABLE` when its folder cannot be used.
 * @example
 * const store = await openFileBackedPullCursorStore({ path: "./var/connectors-state/cursors.json" });
 */
export async function openFileBackedPullCursorStore(options: FileBackedPullCursorStoreOptions): Promise<CursorStore> {
  const { clock = systemClock, fileSystem = machineFileSystem, layout = "file" } = options;
  const given = await checkOptions("STORE", v.object({ path: filePath }), { path: options.path });
  const path = await prepareCursorFile(given.path);
  const folder = options.dir === undefined ? defaultFolder(path) : resolve(options.dir);
  // A separate file: a checkpoint does not rewrite the records, and a release without records still reads the cursors.
  const recordsPath = `${path}.records`;
  const lock = lockForThisProcess(`${path}.lock`, path);
  try {
    // A crash between write and rename leaves it; a write that finds one it cannot remove says so.
    for (const file of [path, recordsPath]) await fileSystem.remove(temporaryPath(file)).catch(() => undefined);
    const rows = await openRows({ path, layout, folder, fileSystem });
    const records = new DurableRecords(recordsPath, await readRecordsFile(recordsPath), fileSystem, clock);
    return new FileCursorStore(path, { clock, rows, records, lock, fileSystem });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Where cursors are with `layout = "dir"`. */
export function defaultFolder(path: string): string {
  return join(dirname(path), "cursors");
}

interface FileStoreParts {
  readonly clock: Clock;
  readonly rows: DurableRows;
  readonly records: DurableRecords;
  readonly lock: { release(): void };
  readonly fileSystem: CursorFileSystem;
}

class FileCursorStore implements CursorStore {
  readonly durability = "fsynced on this disk";
  readonly livesIn = "files";
  readonly #path: string;
  readonly #clock: Clock;
  readonly #rows: DurableRows;
  readonly #lock: { release(): void };
  readonly #records: DurableRecords;
  readonly #fileSystem: CursorFileSystem;
  #closing: Promise<void> | undefined;

  readonly records: StoreRecords = {
    get: async (scope, key) => this.#openRecords().read().get(scope, key, this.#clock.now()),
    compareAndSet: async (write) => this.#openRecords().change((table) => table.compareAndSet(write, this.#clock.now())),
    list: async (scope, query) => this.#openRecords().read().list(scope, query, this.#clock.now()),
    scopes: async (query) => this.#openRecords().read().scopes(query),
  };

  constructor(path: string, { clock, rows, records, lock, fileSystem }: FileStoreParts) {
    this.#path = path;
    this.#clock = clock;
    this.#rows = rows;
    this.#records = records;
    this.#lock = lock;
    this.#fileSystem = fileSystem;
  }

  async get(source: SourceKey): Promise<string | undefined> {
    return this.#open().read().get(source);
  }

  async set(source: SourceKey, cursor: string): Promise<void> {
    return this.#open().change((table) => table.set(source, cursor, this.#clock.now()));
  }

  async delete(source: SourceKey): Promise<boolean> {
    return this.#open().change((table) => table.delete(source));
  }

  async list(): Promise<readonly SourceState[]> {
    return this.#open().read().list(this.#clock.now());
  }

  async acquire(requests: readonly AcquireRequest[], limit?: AcquireLimit): Promise<readonly AcquireResult[]> {
    return this.#open().change((table) => table.acquire(requests, this.#clock.now(), limit));
  }

  async renew(leases: readonly Lease[], ttlMs: number): Promise<readonly boolean[]> {
    return this.#open().change((table) => table.renew(leases, ttlMs, this.#clock.now()));
  }

  async checkpoint(lease: Lease, cursor: string): Promise<boolean> {
    return this.#open().change((table) => table.checkpoint(lease, cursor, this.#clock.now()));
  }

  async release(lease: Lease, outcome: ReleaseOutcome): Promise<boolean> {
    return this.#open().change((table) => table.release(lease, outcome, this.#clock.now()));
  }

  async backup(folder: string): Promise<readonly string[]> {
    this.#open();
    return backUpFiles(this.#path, this.#rows.entries(), folder, this.#fileSystem);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#rows.settle(), this.#records.settle()])
      .then(() => undefined)
      .finally(() => this.#lock.release());
    return this.#closing;
  }

  #openRecords(): DurableRecords {
    this.#open();
    return this.#records;
  }

  #open(): DurableRows {
    if (this.#closing !== undefined) {
      throw new ConnectorsError({
        code: "STORE_CLOSED",
        message: `the cursor file ${this.#path} is closed`,
        hint: "open the store again",
      });
    }
    return this.#rows;
  }
}
