import { liveRow, type RecordRow } from "./record-rules.ts";
import type { RecordRows } from "./record-table.ts";

/** Rows in maps of this process. */
export class RecordMap implements RecordRows {
  readonly #scopes = new Map<string, Map<string, RecordRow>>();
  #lastVersion: number;
  #walk = this.#entries();

  constructor(lastVersion = 0) {
    this.#lastVersion = lastVersion;
  }

  get lastVersion(): number {
    return this.#lastVersion;
  }

  get(scope: string, key: string): RecordRow | undefined {
    return this.#scopes.get(scope)?.get(key);
  }

  set(scope: string, key: string, row: RecordRow | undefined): void {
    const rows = this.#scopes.get(scope);
    if (row === undefined) {
      rows?.delete(key);
      if (rows?.size === 0) this.#scopes.delete(scope);
    } else if (rows === undefined) {
      this.#scopes.set(scope, new Map([[key, row]]));
    } else {
      rows.set(key, row);
    }
    this.#lastVersion = Math.max(this.#lastVersion, row?.version ?? 0);
  }

  of(scope: string): Iterable<readonly [key: string, row: RecordRow]> {
    return this.#scopes.get(scope) ?? [];
  }

  sizeOf(scope: string): number {
    return this.#scopes.get(scope)?.size ?? 0;
  }

  scopes(): Iterable<string> {
    return this.#scopes.keys();
  }

  nextVersion(): number {
    this.#lastVersion += 1;
    return this.#lastVersion;
  }

  /** Every row, also expired ones. */
  entries(): Iterable<readonly [scope: string, key: string, row: RecordRow]> {
    return this.#entries();
  }

  /**
   * Looks at the next `steps` rows and removes the expired ones. A store that calls this at every write holds few of them at any time and
   * never looks at all of its rows at once.
   */
  dropExpired(nowMs: number, steps = 20): void {
    for (let step = 0; step < steps; step += 1) {
      const next = this.#walk.next();
      if (next.done === true) {
        this.#walk = this.#entries();
        return;
      }
      const [scope, key, row] = next.value;
      // The walk may hold a row that was replaced meanwhile.
      if (this.get(scope, key) === row && liveRow(row, nowMs) === undefined) this.set(scope, key, undefined);
    }
  }

  *#entries(): Generator<readonly [scope: string, key: string, row: RecordRow]> {
    for (const [scope, rows] of this.#scopes) for (const [key, row] of rows) yield [scope, key, row];
  }
}
