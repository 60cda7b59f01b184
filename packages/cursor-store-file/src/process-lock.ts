import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import {
  describeLockHolder,
  foreignOwnerHint,
  type ProcessLock,
  takeProcessLock,
} from "@statewave-connectors/connector-sdk/host";

/**
 * Keeps every other process from the file beside it for as long as this one lives.
 *
 * @throws ConnectorsError `STORE_LOCKED` when another process, or another store of this one, holds it.
 */
export function lockForThisProcess(lockPath: string, guardedPath: string): ProcessLock {
  let lock: ProcessLock | undefined;
  try {
    lock = takeProcessLock(lockPath);
  } catch (error) {
    throw unusable(lockPath, error);
  }
  if (lock === undefined) throw locked(lockPath, guardedPath);
  return lock;
}

function locked(lockPath: string, guardedPath: string): ConnectorsError {
  const { by, hintWhenPaused } = describeLockHolder(lockPath);
  return new ConnectorsError({
    code: "STORE_LOCKED",
    message: `the cursor file ${guardedPath} is in use by ${by}`,
    hint:
      hintWhenPaused ??
      "stop the other runner, give this one a state_dir of its own, or use the postgres or redis state: one file serves one runner",
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
