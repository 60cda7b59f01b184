import { closeSync, existsSync, fsyncSync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { dirname } from "node:path";
import { additions, applicationId, migrations, schemaVersion } from "./schema.ts";
import { corruptFile, toWireError, uncreatable } from "./sqlite-errors.ts";
import type { WireError } from "./protocol.ts";

/** A reason not to open the file, ready to be sent. */
export class OpenRefused extends Error {
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.wire = wire;
  }
}

/**
 * Pages of 4 KiB in the write-ahead log before it is copied back: 64 MiB. With one connection that always empties it, so it grows no
 * further. The copying holds up one commit; done this seldom, it stays out of the 99th percentile.
 */
const checkpointPages = 16_000;

/**
 * Opens or creates the inbox file, in a folder that exists, and takes the lock on it for as long as it is open. The operating system drops the lock with the
 * process, however it ends.
 */
export function openDatabase(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    createPrivately(path);
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    const version = readVersion(database, path);
    database.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    database.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY`);
    // Without a further write, what is deleted leaves nothing behind in the pages that stay in use.
    database.exec("PRAGMA secure_delete = FAST");
    migrate(database, version);
    return database;
  } catch (error) {
    database?.close();
    throw error instanceof OpenRefused ? error : new OpenRefused(toWireError(error, path));
  }
}

/** SQLite would create the file readable by everyone; its -wal file takes over the mode of the main one. */
export function createPrivately(path: string): void {
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, "a", 0o600));
    // The file's name must survive a power cut as well as its contents.
    const handle = openSync(dirname(path), "r");
    fsyncSync(handle);
    closeSync(handle);
  } catch (error) {
    throw new OpenRefused(uncreatable(path, error));
  }
}

/** 0 for an empty file. Reads only: a file that is not ours stays as it is. */
function readVersion(database: DatabaseSync, path: string): number {
  const application = readPragma(database, "application_id");
  const version = readPragma(database, "user_version");
  const tables = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.["count"];
  if (application === 0 && version === 0 && tables === 0) return 0;
  if (application !== applicationId) throw new OpenRefused(corruptFile(path, "it is another program's database"));
  if (version > schemaVersion) {
    throw new OpenRefused({
      code: "INBOX_FILE_VERSION",
      message: `the inbox file ${path} has format ${version}; this version reads up to ${schemaVersion}`,
      hint: "start the newer version that wrote it, or let that version drain the inbox before going back",
      retryable: false,
    });
  }
  return version;
}

function readPragma(database: DatabaseSync, name: "application_id" | "user_version"): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** Always writes, also when there is nothing to migrate: only a write takes the lock that keeps a second process out. */
function migrate(database: DatabaseSync, from: number): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const step of migrations.slice(from)) database.exec(step);
    database.exec(additions);
    database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
