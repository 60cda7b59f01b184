/** Something the product remembers beside the cursors, such as the sink they belong to. */
export interface StoreRecord {
  /** Who uses it: `sink`, `runs/github/main`. */
  readonly scope: string;
  readonly key: string;
  readonly value: string;
  /** At least 1. Every write changes it, and no key gets the same version twice, not even after a delete or an expiry. */
  readonly version: number;
  /** When it expires, epoch milliseconds on the store's clock. Absent: never. */
  readonly expiresAtMs?: number;
}

/** One write of a record. */
export interface RecordWrite {
  readonly scope: string;
  readonly key: string;
  /** Absent: the record is deleted. */
  readonly value?: string | undefined;
  /** The version that the caller has seen; 0: there must be no record. */
  readonly expectedVersion: number;
  /** How long the record is kept from this write on. Absent: until it is deleted. */
  readonly ttlMs?: number | undefined;
}

/** Whether a write was stored. */
export type RecordWriteResult =
  /** `version` is what the next write of this key has to expect: 0 after a delete. */
  | { readonly stored: true; readonly version: number }
  /** Another version is stored: `current`, or no record at all. Nothing has changed. */
  | { readonly stored: false; readonly current?: StoreRecord };

/** A page of a list. */
export interface RecordQuery {
  /** Only what begins with this. */
  readonly prefix?: string | undefined;
  /** Only what comes after this one: the last of the page before. */
  readonly after?: string | undefined;
  /** Default and maximum: `recordLimits.perList`. */
  readonly limit?: number | undefined;
}

/**
 * What later features must remember: `CursorStore.records`. A store without it keeps cursors and leases only.
 *
 * The store's clock decides what has expired; an expired record is as good as deleted, and the writes after it remove it. Lists are
 * ordered by code point, which is the order of the UTF-8 bytes. All methods throw `ConnectorsError`: `STORE_RECORD_INVALID` for a scope,
 * key, value, version, ttl or page that breaks `recordLimits`, `STORE_RECORD_TOO_LARGE` for a value, `STORE_RECORD_SCOPE_FULL` for one
 * record too many (several processes that fill a scope at once may exceed the number slightly), and the codes of `CursorStore`.
 *
 * Commands print, export and copy records. What they must not show belongs in a scope that begins with `secret/`.
 */
export interface StoreRecords {
  get(scope: string, key: string): Promise<StoreRecord | undefined>;
  /** Writes when the stored version is the expected one; the result is durable. Of several that race one wins. */
  compareAndSet(write: RecordWrite): Promise<RecordWriteResult>;
  /** The records of a scope, ordered by key. */
  list(scope: string, query?: RecordQuery): Promise<readonly StoreRecord[]>;
  /** The scopes in use, in order; also one whose records have expired, until they are removed. */
  scopes(query?: RecordQuery): Promise<readonly string[]>;
}

/** What fits into a store, whatever its kind. */
export const recordLimits = {
  /** Lower-case letters, digits, `_`, `-`, `.` and `/`, a letter or digit first. */
  scopeLength: 200,
  /** UTF-8 bytes. Any characters but NUL and halves of surrogate pairs, which Postgres cannot keep; the same holds for values. */
  keyBytes: 1_024,
  valueBytes: 64 * 1_024,
  /** Records of one scope that have not expired. */
  perScope: 10_000,
  perList: 1_000,
  /** Ten years. */
  ttlMs: 3_650 * 24 * 60 * 60_000,
} as const;

/** Scopes that no command prints, exports or copies begin with this. */
export const secretScopePrefix = "secret/";
