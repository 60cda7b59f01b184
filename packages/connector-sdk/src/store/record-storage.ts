// Imported whole: a Node.js without `hash` must reach the check that refuses it.
import crypto from "node:crypto";
import type { Clock } from "../contract/clock.ts";
import { ConnectorsError } from "../contract/errors.ts";
import { formatSourceKey, type SourceKey } from "../contract/source.ts";
import { type SourceStorage, storageLimits, type StoredValue } from "../contract/source-storage.ts";
import { isSecret, Secret } from "../secrets/secret.ts";
import { recordsInMemory } from "./records-in-memory.ts";
import { recordLimits, secretScopePrefix, type StoreRecords } from "./store-records.ts";

/** How values are kept from those who can read the store. */
export interface ValueSeal {
  /** `place` is different for each key of each entry: a sealed value can be opened in its own place only. */
  seal(text: string, place: string): Promise<string>;
  /** Throws `STORE_STORAGE_LOCKED`. */
  open(sealed: string, place: string): Promise<string>;
}

export interface RecordStorageOptions {
  /** Called with each use: what is never used opens no store. */
  readonly records: () => Promise<StoreRecords>;
  /** See {@link storageScope}. */
  readonly scope: string;
  /** Default: values are stored as they are. */
  readonly seal?: ValueSeal;
}

/** The storage of one entry, on the records of a store. */
export class RecordStorage implements SourceStorage {
  readonly #options: RecordStorageOptions;

  constructor(options: RecordStorageOptions) {
    this.#options = options;
  }

  async get(key: string): Promise<StoredValue | undefined> {
    checkKey(key);
    const { records, scope, seal } = this.#options;
    const record = await (await records()).get(scope, key);
    if (record === undefined) return undefined;
    const text = seal === undefined ? record.value : await seal.open(record.value, placeOf(scope, key));
    return { value: new Secret(text, { minted: true }), version: record.version };
  }

  async compareAndSet(key: string, value: Secret | string, expectedVersion: number | undefined): Promise<boolean> {
    checkKey(key);
    if (expectedVersion !== undefined) checkVersion(expectedVersion);
    const { records: open, scope, seal } = this.#options;
    const text = textOf(value);
    const records = await open();
    if (expectedVersion === undefined) await expectRoom(records, scope);
    const stored = seal === undefined ? text : await seal.seal(text, placeOf(scope, key));
    const result = await records.compareAndSet({ scope, key, value: stored, expectedVersion: expectedVersion ?? 0 });
    return result.stored;
  }

  async delete(key: string, expectedVersion: number): Promise<boolean> {
    checkKey(key);
    checkVersion(expectedVersion);
    const { records, scope } = this.#options;
    return (await (await records()).compareAndSet({ scope, key, expectedVersion })).stored;
  }
}

/** A storage that ends with this process: for tests, and where no state is open. */
export function storageInMemory(clock: Pick<Clock, "now">): SourceStorage {
  const records = recordsInMemory(clock);
  return new RecordStorage({ records: async () => records, scope: `${secretScopePrefix}memory` });
}

/** The scope of the records of one entry's storage. */
export function storageScope(direction: "pull" | "push", source: SourceKey): string {
  const scope = `${secretScopePrefix}${direction}/${formatSourceKey(source)}`;
  if (scope.length <= recordLimits.scopeLength) return scope;
  return `${secretScopePrefix}${direction}/${crypto.hash("sha256", formatSourceKey(source), "hex")}`;
}

function placeOf(scope: string, key: string): string {
  return `${scope} ${key}`;
}

function textOf(value: unknown): string {
  const text = isSecret(value) ? value.reveal() : value;
  if (typeof text !== "string" || !isStorable(text)) throw invalid("a value is no text that can be stored");
  const bytes = Buffer.byteLength(text);
  if (bytes > storageLimits.valueBytes) throw invalid(`a value has ${bytes} bytes, more than ${storageLimits.valueBytes}`);
  return text;
}

function checkKey(key: unknown): void {
  if (typeof key === "string" && key !== "" && isStorable(key) && Buffer.byteLength(key) <= storageLimits.keyBytes) return;
  throw invalid(`a key is no text of 1 to ${storageLimits.keyBytes} bytes`);
}

function checkVersion(version: unknown): void {
  if (Number.isSafeInteger(version) && Number(version) > 0) return;
  throw invalid(
    `the expected version is ${typeof version === "number" ? version : typeof version}, and not one that \`get\` returned`,
  );
}

function isStorable(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

async function expectRoom(records: StoreRecords, scope: string): Promise<void> {
  const { keys } = storageLimits;
  if ((await records.list(scope, { limit: keys })).length < keys) return;
  throw new ConnectorsError({
    code: "STORE_STORAGE_FULL",
    message: `the storage of an entry holds ${keys} values, which is the maximum (${scope})`,
    hint: "update the connector, or report this to its author: it must delete what it no longer needs",
  });
}

function invalid(what: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_STORAGE_INVALID",
    message: `the connector used its storage wrongly: ${what}`,
    hint: "update the connector, or report this to its author",
  });
}
