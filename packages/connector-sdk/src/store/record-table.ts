import {
  checkRecordName,
  checkRecordQuery,
  checkRecordWrite,
  checkScope,
  compareCodePoints,
  decideRecordWrite,
  liveRow,
  type RecordRow,
  scopeFull,
  toRecord,
} from "./record-rules.ts";
import { type RecordQuery, type RecordWrite, type RecordWriteResult, recordLimits, type StoreRecord } from "./store-records.ts";

/** Rows by scope and key: what a {@link RecordTable} decides on. */
export interface RecordRows {
  get(scope: string, key: string): RecordRow | undefined;
  /** Without a row the key is removed. */
  set(scope: string, key: string, row: RecordRow | undefined): void;
  /** The rows of one scope, also expired ones, in any order. */
  of(scope: string): Iterable<readonly [key: string, row: RecordRow]>;
  /** At least how many those are: a store may count a row twice while it is being replaced. */
  sizeOf(scope: string): number;
  /** The scopes that have rows. */
  scopes(): Iterable<string>;
  /** A number that this store has never returned before: one counter serves all keys, so that a delete needs no trace. */
  nextVersion(): number;
}

/** The rules of `StoreRecords` over rows in memory, without I/O and without a clock, as `CursorTable` is for cursors. */
export class RecordTable {
  readonly #rows: RecordRows;

  constructor(rows: RecordRows) {
    this.#rows = rows;
  }

  get(scope: string, key: string, nowMs: number): StoreRecord | undefined {
    checkRecordName(scope, key);
    const row = liveRow(this.#rows.get(scope, key), nowMs);
    return row === undefined ? undefined : toRecord(scope, key, row);
  }

  compareAndSet(write: RecordWrite, nowMs: number): RecordWriteResult {
    checkRecordWrite(write);
    const { scope, key } = write;
    const stored = this.#rows.get(scope, key);
    const { result, change } = decideRecordWrite(stored, write, {
      nowMs,
      nextVersion: () => {
        if (liveRow(stored, nowMs) === undefined) this.#expectRoom(scope, nowMs);
        return this.#rows.nextVersion();
      },
    });
    if (change !== undefined) this.#rows.set(scope, key, change.row);
    return result;
  }

  list(scope: string, query: RecordQuery | undefined, nowMs: number): StoreRecord[] {
    checkScope(scope);
    const records: StoreRecord[] = [];
    const isWanted = wantedBy(query);
    for (const [key, row] of this.#rows.of(scope)) {
      if (isWanted(key) && liveRow(row, nowMs) !== undefined) records.push(toRecord(scope, key, row));
    }
    records.sort((left, right) => compareCodePoints(left.key, right.key));
    return records.slice(0, checkRecordQuery(query).limit);
  }

  scopes(query?: RecordQuery): string[] {
    const scopes = [...this.#rows.scopes()].filter(wantedBy(query));
    return scopes.toSorted(compareCodePoints).slice(0, checkRecordQuery(query).limit);
  }

  #expectRoom(scope: string, nowMs: number): void {
    if (this.#rows.sizeOf(scope) < recordLimits.perScope) return;
    let live = 0;
    for (const [, row] of this.#rows.of(scope)) if (liveRow(row, nowMs) !== undefined) live += 1;
    if (live >= recordLimits.perScope) throw scopeFull(scope);
  }
}

function wantedBy(query: RecordQuery | undefined): (name: string) => boolean {
  const { prefix, after } = checkRecordQuery(query);
  return (name) => name.startsWith(prefix) && (after === "" || compareCodePoints(name, after) > 0);
}
