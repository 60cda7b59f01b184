import { join } from "node:path";
import { rowsFile } from "../start-trial.ts";
import { JournalReader } from "../witness/journal.ts";
import type { JournalLine } from "../witness/journal.ts";
import { LineTail } from "../witness/line-tail.ts";

/** What the processes of a trial wrote down, read as it grows. */
export class TrialRecord {
  readonly #journal: JournalReader;
  readonly #rows: LineTail;
  /** The marker of each row of the sink, in their order. */
  readonly stored: string[] = [];

  constructor(folder: string) {
    this.#journal = new JournalReader(folder);
    this.#rows = new LineTail(join(folder, rowsFile));
  }

  get lines(): readonly JournalLine[] {
    return this.#journal.lines;
  }

  /** Answers the new lines of the journal. */
  readNew(): readonly JournalLine[] {
    for (const row of this.#rows.read()) {
      const key: unknown = (JSON.parse(row) as { idempotency_key?: unknown }).idempotency_key;
      this.stored.push(String(key));
    }
    return this.#journal.readNew();
  }
}
