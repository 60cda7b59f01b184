import { CursorTable, type SourceRow } from "@statewave-connectors/connector-sdk/store";
import { type GatheredChange, GatheredChanges } from "./gathered-changes.ts";
import { RowDraft } from "./row-draft.ts";
import type { RowWriter } from "./row-writer.ts";

/**
 * Rows in memory that are never ahead of the file. Changes are decided on a draft; the draft is written; only then is it published and the
 * callers get their answers. Changes that gather while a write is in progress share the next one.
 *
 * When a write fails, its draft is dropped and the changes it carried are rejected. Those that turn out to need no write (renewals,
 * refusals) are answered all the same.
 */
export class DurableRows {
  readonly #rows: Map<string, SourceRow>;
  readonly #writer: RowWriter;
  readonly #changes = new GatheredChanges<CursorTable>((changes) => this.#commit(changes));
  /** Whether the file may hold a draft that was rejected: the folder could not be fsynced after the rename. */
  #fileMayBeAhead = false;

  constructor(rows: Map<string, SourceRow>, writer: RowWriter) {
    this.#rows = rows;
    this.#writer = writer;
  }

  /** Every row that is durable now. */
  entries(): Iterable<readonly [key: string, row: SourceRow]> {
    return this.#rows.entries();
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

  async #commit(given: readonly GatheredChange<CursorTable>[]): Promise<void> {
    const changes = await this.#withoutEdited(given);
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

  /** The changes but those of a cursor that another program has edited, which are rejected: its edit is not overwritten. */
  async #withoutEdited(changes: readonly GatheredChange<CursorTable>[]): Promise<readonly GatheredChange<CursorTable>[]> {
    const whole = new RowDraft(this.#rows);
    for (const change of changes) change.decide(new CursorTable(whole));
    const edited = whole.needsWrite ? await this.#writer.edited(whole) : new Map<string, Error>();
    if (edited.size === 0) return changes;
    return changes.filter((change) => {
      const own = new RowDraft(this.#rows);
      change.decide(new CursorTable(own));
      const [error] = [...own.changes()].flatMap(([key, row, before]) =>
        row.cursor === before.cursor && row.updatedAtMs === before.updatedAtMs ? [] : (edited.get(key) ?? []),
      );
      if (error !== undefined) change.reject(error);
      return error === undefined;
    });
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
    const failure = await this.#writer.write(draft);
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
   * Overwrites a rejected draft that may have reached the disk. If that fails too, the next write does it; until then a crash could bring the
   * rejected changes back. They are never visible to this process.
   */
  async #takeBack(): Promise<void> {
    if (!this.#fileMayBeAhead) return;
    this.#fileMayBeAhead = (await this.#writer.takeBack(this.#rows)) !== undefined;
  }
}
