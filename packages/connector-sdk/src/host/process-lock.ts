import { chmodSync } from "node:fs";
import type * as Sqlite from "node:sqlite";
import { makeOwnedFile } from "./file-owner.ts";

/** SQLite's code for a lock of another process: https://sqlite.org/rescode.html#busy */
const sqliteBusy = 5;

/** A lock that ends with this process at the latest. */
export interface ProcessLock {
  release(): void;
}

/**
 * Takes a lock that only one process has, until it is released or the process ends. Undefined when another process, or another part of this one, holds it.
 *
 * The lock is a SQLite database with an exclusive transaction that stays open: the operating system itself drops it when the process
 * ends, however it ends. A file with a process id in it would outlive a `kill -9`, and in a container every process has the same id.
 *
 * Throws what SQLite and the file system throw.
 */
export function takeProcessLock(path: string): ProcessLock | undefined {
  let database: Sqlite.DatabaseSync | undefined;
  try {
    const { DatabaseSync } = loadSqlite();
    makeOwnedFile(path);
    database = new DatabaseSync(path);
    database.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    chmodSync(path, 0o600);
  } catch (error) {
    database?.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  const held = database;
  return { release: () => held.close() };
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && "errcode" in error && typeof error.errcode === "number" && (error.errcode & 0xff) === sqliteBusy
  );
}

let sqlite: typeof Sqlite | undefined;

/** Loads SQLite only when it is needed; Node 22 warns that it is experimental, and what we use of it is not what may change. */
function loadSqlite(): typeof Sqlite {
  if (sqlite !== undefined) return sqlite;
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).startsWith("SQLite is an experimental feature")) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    sqlite = process.getBuiltinModule("node:sqlite");
  } finally {
    process.emitWarning = emitWarning;
  }
  return sqlite;
}
