import { chmodSync } from "node:fs";
import type * as Sqlite from "node:sqlite";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { describeLockHolder, foreignOwnerHint, makeOwnedFile } from "@statewave-connectors/connector-sdk/host";

/** SQLite's code for a lock of another process: https://sqlite.org/rescode.html#busy */
const sqliteBusy = 5;

/**
 * Keeps every other process from the file beside it for as long as this one lives.
 *
 * The lock is a SQLite database with an exclusive transaction that stays open: the operating system itself drops it when the process
 * ends, however it ends. A file with a process id in it would outlive a `kill -9`, and in a container every process has the same id.
 *
 * @throws ConnectorsError `STORE_LOCKED` when another process, or another store of this one, holds it.
 */
export function lockForThisProcess(lockPath: string, guardedPath: string): { release(): void } {
  let database: Sqlite.DatabaseSync | undefined;
  try {
    const { DatabaseSync } = loadSqlite();
    makeOwnedFile(lockPath);
    database = new DatabaseSync(lockPath);
    database.exec("PRAGMA busy_timeout = 0; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    chmodSync(lockPath, 0o600);
  } catch (error) {
    database?.close();
    throw isBusy(error) ? locked(lockPath, guardedPath, error) : unusable(lockPath, error);
  }
  const held = database;
  return { release: () => held.close() };
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error && "errcode" in error && typeof error.errcode === "number" && (error.errcode & 0xff) === sqliteBusy
  );
}

function locked(lockPath: string, guardedPath: string, cause: unknown): ConnectorsError {
  const { by, hintWhenPaused } = describeLockHolder(lockPath);
  return new ConnectorsError({
    code: "STORE_LOCKED",
    message: `the cursor file ${guardedPath} is in use by ${by}`,
    hint:
      hintWhenPaused ??
      "stop the other runner, give this one a state_dir of its own, or use the postgres or redis state: one file serves one runner",
    cause,
  });
}

function unusable(lockPath: string, cause: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_UNWRITABLE",
    message: `the lock file ${lockPath} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: hintFor(cause, lockPath),
    cause,
  });
}

/** SQLite's codes for a full disk and for a file that is no database. */
const sqliteFull = 13;
const sqliteNotADatabase = 26;

function hintFor(cause: unknown, lockPath: string): string {
  const code =
    cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" ? cause.errcode & 0xff : undefined;
  if (code === sqliteFull) return "free space on its disk, or name a path on another one";
  if (code === sqliteNotADatabase) return "remove the lock file, which holds something else than a lock, or name another path";
  return (
    foreignOwnerHint(lockPath) ?? "make its folder writable for the runner, check that its disk has space, or name another path"
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
