import type { ConnectorsError } from "@statewave-connectors/connector-sdk";
import type { SourceRow } from "@statewave-connectors/connector-sdk/store";
import { replaceFile, type ReplaceFailure } from "./cursor-file.ts";
import { toCursorFile, toLine } from "./cursor-file-format.ts";
import type { CursorFileSystem } from "./file-system.ts";
import type { RowDraft } from "./row-draft.ts";

/** Makes rows durable. */
export interface RowWriter {
  /** The sources of a draft whose cursor another program changed since it was written or read here, with what to say about it. */
  edited(draft: RowDraft): Promise<ReadonlyMap<string, ConnectorsError>>;
  write(draft: RowDraft): Promise<ReplaceFailure | undefined>;
  /** Overwrites what a failed write may have left. */
  takeBack(rows: ReadonlyMap<string, SourceRow>): Promise<ReplaceFailure | undefined>;
}

const noun = "cursor file";

/** All rows in one file. */
export class SingleFileWriter implements RowWriter {
  readonly #path: string;
  readonly #fileSystem: CursorFileSystem;
  /** A row never changes, it is replaced: its line is made once. */
  readonly #lines = new WeakMap<SourceRow, string>();

  constructor(path: string, fileSystem: CursorFileSystem) {
    this.#path = path;
    this.#fileSystem = fileSystem;
  }

  async edited(): Promise<ReadonlyMap<string, ConnectorsError>> {
    return new Map();
  }

  write(draft: RowDraft): Promise<ReplaceFailure | undefined> {
    return this.#replace(draft.entries());
  }

  takeBack(rows: ReadonlyMap<string, SourceRow>): Promise<ReplaceFailure | undefined> {
    return this.#replace(rows.entries());
  }

  #replace(rows: Iterable<[key: string, row: SourceRow]>): Promise<ReplaceFailure | undefined> {
    const pieces = toCursorFile(rows, (key, row) => {
      let line = this.#lines.get(row);
      if (line === undefined) {
        line = toLine(key, row);
        this.#lines.set(row, line);
      }
      return line;
    });
    return replaceFile(noun, this.#path, pieces, this.#fileSystem);
  }
}
