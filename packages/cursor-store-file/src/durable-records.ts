import type { Clock } from "@statewave-connectors/connector-sdk";
import { type RecordMap, RecordTable } from "@statewave-connectors/connector-sdk/store";
import { replaceFile, writeFailed } from "./cursor-file.ts";
import type { CursorFileSystem } from "./file-system.ts";
import { type GatheredChange, GatheredChanges } from "./gathered-changes.ts";
import { RecordDraft } from "./record-draft.ts";
import { changeLine, headerLine, type ReadRecords, type RecordChange } from "./records-file.ts";

const noun = "records file";

/** A file that is small anyway is not rewritten. */
const spareBytes = 256 * 1024;

/**
 * Records in memory that are never ahead of the file. A change costs one appended line; when most of the file is outdated, it is written
 * again. Changes that gather while a write is in progress share the next line.
 *
 * When a write fails, the changes it carried are rejected, and the next one writes the whole file: a half-written line cannot stay in it.
 */
export class DurableRecords {
  readonly #path: string;
  readonly #fileSystem: CursorFileSystem;
  readonly #clock: Clock;
  readonly #rows: RecordMap;
  readonly #changes = new GatheredChanges<RecordTable>((changes) => this.#commit(changes));
  #bytes: number;
  /** What a file without outdated lines would have. */
  #compactBytes: number;
  #appendable: boolean;
  /** Whether the file may hold changes that were rejected. */
  #mayBeAhead = false;

  constructor(path: string, { rows, bytes, appendable }: ReadRecords, fileSystem: CursorFileSystem, clock: Clock) {
    this.#path = path;
    this.#fileSystem = fileSystem;
    this.#clock = clock;
    this.#rows = rows;
    this.#bytes = bytes;
    this.#appendable = appendable;
    this.#compactBytes = 0;
    for (const piece of this.#wholeFile(rows.entries())) this.#compactBytes += Buffer.byteLength(piece);
  }

  /** What is durable now. Never waits for a write. */
  read(): RecordTable {
    return new RecordTable(this.#rows);
  }

  /** Resolves once what `decide` did to the table is durable. */
  change<Result>(decide: (table: RecordTable) => Result): Promise<Result> {
    return this.#changes.add(decide);
  }

  /** Resolves when no write is in progress. */
  async settle(): Promise<void> {
    await this.#changes.settle();
    await this.#takeBack();
  }

  async #commit(changes: readonly GatheredChange<RecordTable>[]): Promise<void> {
    const draft = new RecordDraft(this.#rows);
    const announcements = changes.map((change) => change.decide(new RecordTable(draft)));
    const failure = await this.#write(draft);
    if (failure !== undefined) {
      this.#refuse(changes, failure);
      return;
    }
    draft.publish();
    this.#rows.dropExpired(this.#clock.now());
    for (const announce of announcements) announce();
  }

  /** Each change is decided again on what is durable: one that changes nothing has an answer all the same. */
  #refuse(changes: readonly GatheredChange<RecordTable>[], failure: Error): void {
    for (const change of changes) {
      const draft = new RecordDraft(this.#rows);
      const announce = change.decide(new RecordTable(draft));
      if ([...draft.changes()].length > 0) change.reject(failure);
      else announce();
    }
  }

  async #write(draft: RecordDraft): Promise<Error | undefined> {
    const changes = [...draft.changes()];
    if (changes.length === 0) return undefined;
    const line = changeLine(changes);
    const bytes = this.#bytes + Buffer.byteLength(line);
    const isOutdated = bytes > 2 * this.#compactBytes + spareBytes;
    const failure = !this.#appendable || isOutdated ? await this.#replace(draft.entries()) : await this.#append(line);
    if (failure !== undefined) await this.#takeBack();
    return failure;
  }

  async #append(line: string): Promise<Error | undefined> {
    try {
      await this.#fileSystem.append(this.#path, line);
      this.#bytes += Buffer.byteLength(line);
      return undefined;
    } catch (error) {
      this.#appendable = false;
      this.#mayBeAhead = true;
      return writeFailed(noun, this.#path, error);
    }
  }

  async #replace(entries: Iterable<RecordChange>): Promise<Error | undefined> {
    let bytes = 0;
    const pieces = counted(this.#wholeFile(entries), (count) => (bytes += count));
    const failure = await replaceFile(noun, this.#path, pieces, this.#fileSystem);
    this.#appendable = failure === undefined;
    if (failure === undefined) {
      this.#mayBeAhead = false;
      this.#bytes = bytes;
      this.#compactBytes = bytes;
      return undefined;
    }
    this.#mayBeAhead ||= failure.fileIs === "uncertain";
    return failure.error;
  }

  /** Overwrites what was rejected. Until that succeeds a crash could bring it back; this process never shows it. */
  async #takeBack(): Promise<void> {
    if (this.#mayBeAhead) await this.#replace(this.#rows.entries());
  }

  *#wholeFile(entries: Iterable<RecordChange>): Generator<string> {
    const nowMs = this.#clock.now();
    yield headerLine(this.#rows.lastVersion);
    for (const [scope, key, row] of entries) {
      if (row?.expiresAtMs === undefined || row.expiresAtMs > nowMs) yield changeLine([[scope, key, row]]);
    }
  }
}

function* counted(pieces: Iterable<string>, count: (bytes: number) => void): Generator<string> {
  for (const piece of pieces) {
    count(Buffer.byteLength(piece));
    yield piece;
  }
}
