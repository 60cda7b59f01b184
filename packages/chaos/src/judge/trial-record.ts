import { join } from "node:path";
import { pageMarker } from "../load/connector.ts";
import { rowsFile } from "../start-trial.ts";
import { type JournalLine, JournalReader } from "../witness/journal.ts";
import { LineTail } from "../witness/line-tail.ts";
import { LeaseBook } from "./journaled-leases.ts";

/** What the processes of a trial wrote down, read as it grows, and kept as far as it is judged. */
export class TrialRecord {
  readonly #journal: JournalReader;
  readonly #rows: LineTail;
  readonly leases = new LeaseBook();
  /** The markers of the pages that were read. */
  readonly pages = new Set<string>();
  /** The marker of each row of the sink, in their order. */
  readonly stored: string[] = [];
  /** Each of them once. */
  readonly arrived = new Set<string>();

  constructor(folder: string) {
    this.#journal = new JournalReader(folder);
    this.#rows = new LineTail(join(folder, rowsFile));
  }

  /** Reads what is new. `onLine`: called with each new line of the journal. */
  readNew(onLine: (line: JournalLine) => void = () => undefined): void {
    for (const row of this.#rows.read()) {
      const marker = String((JSON.parse(row) as { idempotency_key?: unknown }).idempotency_key);
      this.stored.push(marker);
      this.arrived.add(marker);
    }
    for (const line of this.#journal.readNew()) {
      this.leases.add(line);
      if (line.step === "read") this.pages.add(pageMarker(line.source, line.page));
      onLine(line);
    }
  }
}
