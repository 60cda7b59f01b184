import type { Secret } from "../secrets/secret.ts";

/** A value that a source keeps. */
export interface StoredValue {
  /** Prints as `***`. */
  readonly value: Secret;
  /** What the next write of this key has to expect. Every write changes it. */
  readonly version: number;
}

/**
 * Small values of one entry that outlive the process, such as a refresh token that the provider replaces with each use. All processes that
 * share the state see the same values. With `[runner.state] key` they are encrypted; no command prints, exports or copies them unless it
 * is called with `--with-secrets`. `storageLimits` says what fits.
 *
 * All methods throw `ConnectorsError`: `STORE_STORAGE_INVALID` for a key, value or version that breaks the limits,
 * `STORE_STORAGE_FULL` for one key too many, `STORE_STORAGE_LOCKED` for a value that cannot be decrypted, and retryable
 * `STORE_` codes while the store does not answer.
 */
export interface SourceStorage {
  /** Undefined: there is none. */
  get(key: string): Promise<StoredValue | undefined>;
  /**
   * Stores `value` if the stored version is still the expected one; undefined: if there is no value. Resolves with whether it is stored,
   * durably. Of several that race one wins: another `get` shows what it wrote.
   */
  compareAndSet(key: string, value: Secret | string, expectedVersion: number | undefined): Promise<boolean>;
  /** Deletes the value if its version is still the expected one. Resolves with whether it is deleted. */
  delete(key: string, expectedVersion: number): Promise<boolean>;
}

/** What fits into the storage of one entry. */
export const storageLimits = {
  /** UTF-8 bytes. No NUL and no halves of surrogate pairs; the same holds for values. */
  keyBytes: 200,
  valueBytes: 16 * 1_024,
  keys: 100,
} as const;
