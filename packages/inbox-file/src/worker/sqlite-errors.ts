import type { WireError } from "./protocol.ts";

/** Primary result codes, https://www.sqlite.org/rescode.html */
const sqliteBusy = 5;
const sqliteReadOnly = 8;
const sqliteIoError = 10;
const sqliteCorrupt = 11;
const sqliteFull = 13;
const sqliteCantOpen = 14;
const sqliteTooBig = 18;
const sqliteConstraint = 19;
const sqliteMismatch = 20;
const sqliteNotADatabase = 26;

/** The primary result code of what node:sqlite threw; undefined for anything else. */
function sqliteCode(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("errcode" in error)) return undefined;
  // The upper bits say more precisely which step failed.
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** Whether the connection should be opened again before it is used again: what it holds in memory may no longer match the file. */
export function breaksConnection(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === sqliteIoError || code === sqliteCorrupt || code === sqliteNotADatabase || code === sqliteCantOpen;
}

/** What is reported to the caller about an error of the inbox file at `path`. */
export function toWireError(error: unknown, path: string): WireError {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof TypeError) return invalidItem(text);
  switch (sqliteCode(error)) {
    case sqliteBusy:
      return {
        code: "INBOX_LOCKED",
        message: `the inbox file ${path} is in use by another process`,
        hint: "stop the other process, or give this one its own state folder: one process owns an inbox file",
        retryable: false,
      };
    case sqliteCorrupt:
    case sqliteNotADatabase:
      return corruptFile(path, text);
    case sqliteFull:
      return unavailable(path, `no space left (${text})`, "free space on its disk");
    case sqliteReadOnly:
    case sqliteCantOpen:
      return unavailable(
        path,
        `cannot be written (${text})`,
        "check that its folder exists, is writable and not mounted read-only",
      );
    case sqliteTooBig:
    case sqliteConstraint:
    case sqliteMismatch:
      return invalidItem(text);
    default:
      return unavailable(path, text, "check its disk");
  }
}

/** The file is damaged or is something else. It is never overwritten. */
export function corruptFile(path: string, detail: string): WireError {
  return {
    code: "INBOX_FILE_CORRUPT",
    message: `${path} is damaged or no inbox file: ${detail}`,
    hint: "restore it from a backup, or move it and its -wal file away to start with an empty inbox; nothing was changed",
    retryable: false,
  };
}

/** Its folder or the file itself cannot be made. */
export function uncreatable(path: string, error: unknown): WireError {
  return {
    code: "INBOX_UNAVAILABLE",
    message: `the inbox file ${path} cannot be created: ${error instanceof Error ? error.message : String(error)}`,
    hint: isFull(error) ? "free space on its disk, or name another path" : "check the path, and that this user may write there",
    retryable: true,
  };
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}

function invalidItem(detail: string): WireError {
  return {
    code: "INBOX_ITEM_INVALID",
    message: `an inbox item cannot be stored: ${detail}`,
    hint: "report it to the author of the code that made the item: its source needs a kind and a name, its body must be below 1 GB",
    retryable: false,
  };
}

function unavailable(path: string, problem: string, hint: string): WireError {
  return { code: "INBOX_UNAVAILABLE", message: `the inbox file ${path}: ${problem}`, hint, retryable: true };
}
