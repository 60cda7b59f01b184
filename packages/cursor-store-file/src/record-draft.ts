import type { RecordMap, RecordRow, RecordRows } from "@statewave-connectors/connector-sdk/store";
import type { RecordChange } from "./records-file.ts";

/** Records as they will be, laid over records that stay as they are until the draft is published. */
export class RecordDraft implements RecordRows {
  readonly #base: RecordMap;
  readonly #changed = new Map<string, Map<string, RecordRow | undefined>>();

  constructor(base: RecordMap) {
    this.#base = base;
  }

  get(scope: string, key: string): RecordRow | undefined {
    const changed = this.#changed.get(scope);
    return changed?.has(key) === true ? changed.get(key) : this.#base.get(scope, key);
  }

  set(scope: string, key: string, row: RecordRow | undefined): void {
    const changed = this.#changed.get(scope) ?? new Map<string, RecordRow | undefined>();
    this.#changed.set(scope, changed.set(key, row));
  }

  *of(scope: string): Generator<readonly [key: string, row: RecordRow]> {
    const changed = this.#changed.get(scope);
    for (const [key, row] of this.#base.of(scope)) if (changed?.has(key) !== true) yield [key, row];
    for (const [key, row] of changed ?? []) if (row !== undefined) yield [key, row];
  }

  sizeOf(scope: string): number {
    return this.#base.sizeOf(scope) + (this.#changed.get(scope)?.size ?? 0);
  }

  scopes(): Iterable<string> {
    return new Set([...this.#base.scopes(), ...this.#changed.keys()]);
  }

  nextVersion(): number {
    return this.#base.nextVersion();
  }

  *changes(): Generator<RecordChange> {
    for (const [scope, rows] of this.#changed) for (const [key, row] of rows) yield [scope, key, row];
  }

  /** All records, as they will be. */
  *entries(): Generator<readonly [scope: string, key: string, row: RecordRow]> {
    for (const [scope, key, row] of this.#base.entries()) {
      if (this.#changed.get(scope)?.has(key) !== true) yield [scope, key, row];
    }
    for (const [scope, key, row] of this.changes()) if (row !== undefined) yield [scope, key, row];
  }

  publish(): void {
    for (const [scope, key, row] of this.changes()) this.#base.set(scope, key, row);
  }
}
