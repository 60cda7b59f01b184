import { type SourceRow, type SourceRows, unknownSource } from "@statewave-connectors/connector-sdk/store";
import { sameLine } from "./cursor-file-format.ts";

/** Rows as they are to become, laid over rows that stay as they are until the draft is published. */
export class RowDraft implements SourceRows {
  readonly #base: Map<string, SourceRow>;
  readonly #changed = new Map<string, SourceRow>();
  #needsWrite = false;

  constructor(base: Map<string, SourceRow>) {
    this.#base = base;
  }

  /** Whether anything changed that the file holds. A renewal changes nothing there. */
  get needsWrite(): boolean {
    return this.#needsWrite;
  }

  get(key: string): SourceRow | undefined {
    return this.#changed.get(key) ?? this.#base.get(key);
  }

  set(key: string, row: SourceRow): void {
    this.#needsWrite ||= !sameLine(this.get(key) ?? unknownSource, row);
    this.#changed.set(key, row);
  }

  *entries(): Generator<[key: string, row: SourceRow]> {
    for (const [key, row] of this.#base) yield [key, this.#changed.get(key) ?? row];
    for (const [key, row] of this.#changed) if (!this.#base.has(key)) yield [key, row];
  }

  /** What is to become of each row, and what it is. */
  *changes(): Generator<readonly [key: string, row: SourceRow, before: SourceRow]> {
    for (const [key, row] of this.#changed) yield [key, row, this.#base.get(key) ?? unknownSource];
  }

  publish(): void {
    for (const [key, row] of this.#changed) this.#base.set(key, row);
  }
}
