import { hostname } from "node:os";
import type { Clock, SourceKey } from "@statewave-connectors/connector-sdk";
import { formatSourceKey } from "@statewave-connectors/connector-sdk/host";
import type { CursorStore, StoreRecord, StoreRecords } from "@statewave-connectors/connector-sdk/store";
import { recordContended } from "../records/record-contended.ts";
import { type KeptText, keptLength, TextRecords } from "../records/text-records.ts";
import { type HistoryEntry, parseEntry } from "./history-entry.ts";

export interface CursorHistoryOptions {
  readonly records: StoreRecords;
  readonly clock: Clock;
  readonly random: () => number;
}

/** A change that is about to be made, or was made. */
export interface CursorChange {
  readonly source: SourceKey;
  /** `run`, or the command: `set`, `delete`, `reset`, `seed`, `undo 12`. */
  readonly reason: string;
  /** The cursor that it replaces; undefined: there was none. */
  readonly before: string | undefined;
}

/** So many changes of a source are kept, */
export const mostEntries = 20;
/** which take no more of the store than this, in characters. */
const mostLength = 1024 * 1024;
/** Of an entry, besides its cursor. */
const overheadLength = 512;
const keptMs = 400 * 24 * 60 * 60_000;
const mostAttempts = 10;
/** Sources whose entries need not be listed before the next one is added. */
const mostCached = 1_000;

const histories = new WeakMap<CursorStore, CursorHistory>();

/** What is known of a stored entry without its cursor, which may be large. */
interface EntryPlace {
  readonly number: number;
  readonly version: number;
  /** What it takes of the store, in characters. */
  readonly length: number;
  /** Its cursor, where that is in records of its own. */
  readonly parts: KeptText | undefined;
}

/** The latest changes of each source's cursor, each with the cursor that it replaced. */
export class CursorHistory {
  readonly #options: CursorHistoryOptions;
  /** What is known of the entries of a source by their slots, as this process saw them last. */
  readonly #cache = new Map<string, Map<number, EntryPlace>>();

  constructor(options: CursorHistoryOptions) {
    this.#options = options;
  }

  /** The history of a store: one for all that change its cursors in this process. Undefined: the store keeps no records. */
  static of(store: CursorStore, context: Omit<CursorHistoryOptions, "records">): CursorHistory | undefined {
    const { records } = store;
    if (records === undefined) return undefined;
    const known = histories.get(store) ?? new CursorHistory({ ...context, records });
    histories.set(store, known);
    return known;
  }

  /** Adds a change and forgets the oldest. Returns its number. */
  async add({ source, reason, before }: CursorChange): Promise<number> {
    const { clock } = this.#options;
    const scope = scopeOf(source);
    const texts = this.#textsOf(scope);
    const kept = before === undefined ? undefined : await texts.keep(before, keptMs);
    const isTooLarge = kept !== undefined && keptLength(kept) > mostLength - overheadLength;
    if (isTooLarge) await texts.drop(kept);
    const change = { atMs: clock.now(), host: hostname(), pid: process.pid, reason, length: before?.length ?? 0 };
    const { slots, number } = await this.#write(scope, { ...change, before: isTooLarge ? "too_large" : kept });
    await this.#bound(scope, slots);
    return number;
  }

  /** Takes a change out again that was not made. */
  async withdraw(source: SourceKey, number: number): Promise<void> {
    const scope = scopeOf(source);
    const slots = await this.#loadPlaces(scope);
    const slot = number % mostEntries;
    const place = slots.get(slot);
    if (place?.number !== number) return;
    await this.#options.records.compareAndSet({ scope, key: slotKey(slot), expectedVersion: place.version });
    await this.#textsOf(scope).drop(place.parts);
    slots.delete(slot);
  }

  /** The latest change first. */
  async list(source: SourceKey): Promise<readonly HistoryEntry[]> {
    const stored = await this.#load(scopeOf(source));
    return stored.map(({ entry }) => entry).toSorted((left, right) => right.number - left.number);
  }

  /** The cursor that a change replaced. Throws `STORE_RECORD_UNREADABLE` when it is lost. */
  async cursorBefore(source: SourceKey, { before }: HistoryEntry): Promise<string | undefined> {
    return before === undefined || before === "too_large" ? undefined : this.#textsOf(scopeOf(source)).read(before);
  }

  async #write(
    scope: string,
    change: Omit<HistoryEntry, "number">,
  ): Promise<{ readonly slots: Map<number, EntryPlace>; readonly number: number }> {
    let unreadable: StoreRecord | undefined;
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      const slots = this.#cache.get(scope) ?? (await this.#loadPlaces(scope));
      const number = 1 + Math.max(0, ...[...slots.values()].map((place) => place.number));
      const slot = number % mostEntries;
      const entry = { ...change, number };
      const replaced = slots.get(slot);
      const unread = unreadable?.key === slotKey(slot) ? unreadable.version : 0;
      const result = await this.#options.records.compareAndSet({
        scope,
        key: slotKey(slot),
        value: JSON.stringify(entry),
        expectedVersion: replaced?.version ?? unread,
        ttlMs: keptMs,
      });
      if (result.stored) {
        await this.#textsOf(scope).drop(replaced?.parts);
        slots.set(slot, placeOf(entry, result.version));
        return { slots, number };
      }
      // Another process added one, or the slot holds what another release wrote.
      this.#cache.delete(scope);
      const { current } = result;
      unreadable = current !== undefined && entryOf(current) === undefined ? current : undefined;
    }
    throw recordContended(scope, mostAttempts);
  }

  /** Forgets the oldest entries of a source that take too much. */
  async #bound(scope: string, slots: Map<number, EntryPlace>): Promise<void> {
    const latestFirst = [...slots].toSorted(([, left], [, right]) => right.number - left.number);
    let taken = 0;
    for (const [slot, { version, length, parts }] of latestFirst) {
      taken += length;
      if (taken <= mostLength) continue;
      await this.#options.records.compareAndSet({ scope, key: slotKey(slot), expectedVersion: version });
      await this.#textsOf(scope).drop(parts);
      slots.delete(slot);
    }
  }

  async #loadPlaces(scope: string): Promise<Map<number, EntryPlace>> {
    const stored = await this.#load(scope);
    const slots = new Map(stored.map(({ entry, version }) => [entry.number % mostEntries, placeOf(entry, version)]));
    const [oldest] = this.#cache.keys();
    if (oldest !== undefined && this.#cache.size >= mostCached) this.#cache.delete(oldest);
    this.#cache.set(scope, slots);
    return slots;
  }

  async #load(scope: string): Promise<readonly { readonly entry: HistoryEntry; readonly version: number }[]> {
    const records = await this.#options.records.list(scope, { prefix: slotPrefix, limit: mostEntries });
    return records.flatMap((record) => {
      const entry = entryOf(record);
      return entry === undefined ? [] : [{ entry, version: record.version }];
    });
  }

  #textsOf(scope: string): TextRecords {
    return new TextRecords({ ...this.#options, scope });
  }
}

const slotPrefix = "change/";

function slotKey(slot: number): string {
  return `${slotPrefix}${String(slot).padStart(2, "0")}`;
}

/** Undefined for a record that was not written here, or stands in the slot of another change. */
function entryOf({ key, value }: Pick<StoreRecord, "key" | "value">): HistoryEntry | undefined {
  const entry = parseEntry(value);
  return entry !== undefined && key === slotKey(entry.number % mostEntries) ? entry : undefined;
}

function scopeOf(source: SourceKey): string {
  return `history/${formatSourceKey(source)}`;
}

function placeOf({ number, before }: HistoryEntry, version: number): EntryPlace {
  const text = before === "too_large" ? undefined : before;
  const parts = text !== undefined && "parts" in text ? text : undefined;
  return { number, version, length: overheadLength + (text === undefined ? 0 : keptLength(text)), parts };
}
