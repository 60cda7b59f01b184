import { CursorTable, type SourceRow } from "@statewave-connectors/connector-sdk/store";
import { replaceFile } from "./cursor-file.ts";
import { toCursorFile, toLine } from "./cursor-file-format.ts";
import type { CursorFileSystem } from "./file-system.ts";
import { type GatheredChange, GatheredChanges } from "./gathered-changes.ts";
import { RowDraft } from "./row-draft.ts";

const noun = "cursor file";

/**
 * Rows in memory that are never ahead of the file. Changes are decided on a draft; the draft is written; only then is it published and the
 * callers get their answers. Changes that gather while a write is in progress share the next one.
 *
 * When a write fails, its draft is dropped and the changes it carried are rejected. Those that turn out to need no write (renewals,
 * refusals) are answered all the same.
 */
export class DurableRows {
  readonly #rows: Map<string, SourceRow>;
  readonly #path: string;
  readonly #fileSystem: CursorFileSystem;
  /** A row never changes, it is replaced: its line is made once. */
  readonly #lines = new WeakMap<SourceRow, string>();
  readonly #changes = new GatheredChanges<CursorTable>((changes) => this.#commit(changes));
  /** Whether the file may hold a draft that was rejected: the folder could not be fsynced after the rename. */
  #fileMayBeAhead = false;

  constructor(rows: Map<string, SourceRow>, path: string, fileSystem: CursorFileSystem) {
    this.#rows = rows;
    this.#path = path;
    this.#fileSystem = fileSystem;
  }

  /** What is durable now. Never waits for a write. */
  read(): CursorTable {
    return new CursorTable(this.#rows);
  }

  /** Resolves once what `decide` did to the table is durable. */
  change<Result>(decide: (table: CursorTable) => Result): Promise<Result> {
    return this.#changes.add(decide);
  }

  /** Resolves when no write is in progress. */
  async settle(): Promise<void> {
    await this.#changes.settle();
    await this.#takeBack();
  }

  async #commit(changes: readonly GatheredChange<CursorTable>[]): Promise<void> {
    const draft = new RowDraft(this.#rows);
    const table = new CursorTable(draft);
    const announcements = changes.map((change) => change.decide(table));
    const failure = draft.needsWrite ? await this.#write(draft) : undefined;
    if (failure !== undefined) {
      this.#refuse(changes, failure);
      return;
    }
    draft.publish();
    for (const announce of announcements) announce();
  }

  /** Each change is decided again, on what is durable: the rejected ones beside it never were. */
  #refuse(changes: readonly GatheredChange<CursorTable>[], failure: Error): void {
    for (const change of changes) {
      const draft = new RowDraft(this.#rows);
      const announce = change.decide(new CursorTable(draft));
      if (draft.needsWrite) {
        change.reject(failure);
      } else {
        draft.publish();
        announce();
      }
    }
  }

  async #write(draft: RowDraft): Promise<Error | undefined> {
    const failure = await replaceFile(noun, this.#path, this.#toFile(draft.entries()), this.#fileSystem);
    if (failure === undefined) {
      this.#fileMayBeAhead = false;
      return undefined;
    }
    if (failure.fileIs === "uncertain") {
      this.#fileMayBeAhead = true;
      await this.#takeBack();
    }
    return failure.error;
  }

  /**
   * Overwrites a rejected draft that may have reached the file. If that fails too, the next write does it, since each writes all rows;
   * until then a crash could bring the rejected changes back. They are never visible to this process.
   */
  async #takeBack(): Promise<void> {
    if (!this.#fileMayBeAhead) return;
    const failure = await replaceFile(noun, this.#path, this.#toFile(this.#rows.entries()), this.#fileSystem);
    this.#fileMayBeAhead = failure !== undefined;
  }

  #toFile(rows: Iterable<[key: string, row: SourceRow]>): Generator<string> {
    return toCursorFile(rows, (key, row) => {
      let line = this.#lines.get(row);
      if (line === undefined) {
        line = toLine(key, row);
        this.#lines.set(row, line);
      }
      return line;
    });
  }
}
