import { ConnectorsError } from "../contract/errors.ts";
import { type RecordQuery, type RecordWrite, type RecordWriteResult, recordLimits, type StoreRecord } from "./store-records.ts";

/** What a store keeps of one record. */
export interface RecordRow {
  readonly value: string;
  readonly version: number;
  /** Epoch milliseconds on the store's clock; undefined: never. */
  readonly expiresAtMs: number | undefined;
}

/** What a write does to a store: `row` is what its key holds from now on, undefined when it is deleted. */
export interface RecordDecision {
  readonly result: RecordWriteResult;
  readonly change?: { readonly row: RecordRow | undefined };
}

/** Decides one write. `nextVersion` is called only when something is stored. */
export function decideRecordWrite(
  stored: RecordRow | undefined,
  write: RecordWrite,
  { nowMs, nextVersion }: { readonly nowMs: number; readonly nextVersion: () => number },
): RecordDecision {
  const { scope, key, value, expectedVersion, ttlMs } = write;
  const current = liveRow(stored, nowMs);
  if ((current?.version ?? 0) !== expectedVersion) {
    return { result: current === undefined ? { stored: false } : { stored: false, current: toRecord(scope, key, current) } };
  }
  if (value === undefined) return { result: { stored: true, version: 0 }, change: { row: undefined } };
  const version = nextVersion();
  const expiresAtMs = ttlMs === undefined ? undefined : nowMs + Math.ceil(ttlMs);
  return { result: { stored: true, version }, change: { row: { value, version, expiresAtMs } } };
}

/** The row, or undefined: there is none, or it has expired. */
export function liveRow(row: RecordRow | undefined, nowMs: number): RecordRow | undefined {
  return row === undefined || (row.expiresAtMs !== undefined && row.expiresAtMs <= nowMs) ? undefined : row;
}

/** The record that a row holds. */
export function toRecord(scope: string, key: string, { value, version, expiresAtMs }: RecordRow): StoreRecord {
  return { scope, key, value, version, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) };
}

/** UTF-16 sorts the code points above U+FFFF before U+E000; UTF-8, and so Postgres and Redis, does not. */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [leftUnit, rightUnit] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (leftUnit !== rightUnit) return rankOf(leftUnit) - rankOf(rightUnit);
  }
  return left.length - right.length;
}

function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

const scopePattern = /^[a-z0-9][a-z0-9_./-]*$/;

/** Throws `STORE_RECORD_INVALID` unless both can name a record. */
export function checkRecordName(scope: string, key: string): void {
  checkScope(scope);
  if (key === "") throw invalid("the key of a record is empty", "name the record");
  checkText("the key of a record", key, recordLimits.keyBytes);
}

/** Throws `STORE_RECORD_INVALID` or `STORE_RECORD_TOO_LARGE` unless every store can keep it. */
export function checkRecordWrite({ scope, key, value, expectedVersion, ttlMs }: RecordWrite): void {
  checkRecordName(scope, key);
  if (!Number.isSafeInteger(expectedVersion) || expectedVersion < 0) {
    throw invalid(
      `the expected version ${expectedVersion} is not a whole number from 0 on`,
      "pass the version that `get` returned",
    );
  }
  if (value === undefined) {
    if (expectedVersion === 0)
      throw invalid("a record that must not exist cannot be deleted", "pass the version that `get` returned");
    return;
  }
  if (!isStorable(value))
    throw invalid(unstorable(`the value of ${shown(scope, key)}`), "write it with JSON.stringify, which escapes them");
  const bytes = Buffer.byteLength(value);
  if (bytes > recordLimits.valueBytes) throw tooLarge(shown(scope, key), bytes);
  if (ttlMs !== undefined && !(ttlMs > 0 && ttlMs <= recordLimits.ttlMs)) {
    throw invalid(
      `the ttl ${ttlMs} ms is not above 0 and at most ${recordLimits.ttlMs}`,
      "omit it for a record that never expires",
    );
  }
}

/** The page with its defaults. Throws `STORE_RECORD_INVALID`. */
export function checkRecordQuery(query: RecordQuery = {}): {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
} {
  const { prefix = "", after = "", limit = recordLimits.perList } = query;
  checkText("the prefix", prefix, recordLimits.keyBytes);
  checkText("`after`", after, recordLimits.keyBytes);
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > recordLimits.perList) {
    throw invalid(
      `the limit ${limit} is not a whole number from 1 to ${recordLimits.perList}`,
      "pass the last key of a page as `after` to get the next page",
    );
  }
  return { prefix, after, limit };
}

/** Throws `STORE_RECORD_INVALID` unless it can be a scope. */
export function checkScope(scope: string): void {
  if (scope.length <= recordLimits.scopeLength && scopePattern.test(scope)) return;
  throw invalid(
    `${JSON.stringify(scope.slice(0, 100))} cannot be the scope of records`,
    `use lower-case letters, digits and _ - . /, a letter or digit first, at most ${recordLimits.scopeLength} of them`,
  );
}

/** Refuses one record too many. */
export function scopeFull(scope: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_RECORD_SCOPE_FULL",
    message: `the store holds ${recordLimits.perScope} records of the scope ${JSON.stringify(scope)}, which is the maximum`,
    hint: "delete records that are no longer needed, or give them a ttl",
  });
}

function checkText(what: string, text: string, maxBytes: number): void {
  if (!isStorable(text)) throw invalid(unstorable(what), "encode them, for example with encodeURIComponent or as hex");
  const bytes = Buffer.byteLength(text);
  if (bytes > maxBytes) throw invalid(`${what} has ${bytes} bytes, more than ${maxBytes}`, "shorten it, for example to a hash");
}

function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

function unstorable(what: string): string {
  return `${what} holds a NUL character or half a surrogate pair`;
}

function tooLarge(what: string, bytes: number): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_RECORD_TOO_LARGE",
    message: `the value of ${what} has ${bytes} bytes, more than ${recordLimits.valueBytes}`,
    hint: "split it over several keys, or keep less",
  });
}

function shown(scope: string, key: string): string {
  return JSON.stringify(`${scope} ${key.slice(0, 100)}`);
}

function invalid(message: string, hint: string): ConnectorsError {
  return new ConnectorsError({ code: "STORE_RECORD_INVALID", message, hint });
}
