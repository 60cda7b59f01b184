import { rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { ConnectorsError, isConnectorsError } from "@statewave-connectors/connector-sdk";
import { makeStateFolder } from "@statewave-connectors/connector-sdk/host";
import { type SourceRow, unknownSource } from "@statewave-connectors/connector-sdk/store";
import { replaceFile, type ReplaceFailure, writeFailed } from "./cursor-file.ts";
import { sameLineWithoutCursor, toCursorFile, toLineWithoutCursor } from "./cursor-file-format.ts";
import { type CursorFile, cursorPath, readCursorText, setTime, toCursorText } from "./cursor-folder.ts";
import type { CursorFileSystem } from "./file-system.ts";
import type { RowDraft } from "./row-draft.ts";
import type { RowWriter } from "./row-writer.ts";

const noun = "cursor file";

export interface FolderWriterOptions {
  /** The cursor file, which holds epochs and dues. */
  readonly path: string;
  readonly folder: string;
  readonly fileSystem: CursorFileSystem;
  /** As they were read. */
  readonly files: ReadonlyMap<string, CursorFile>;
}

/** Each cursor in a file of its own, and the rest of the rows in one: a checkpoint writes one small file. */
export class FolderWriter implements RowWriter {
  readonly #options: FolderWriterOptions;
  /** The files as this process wrote or read them. */
  readonly #texts: Map<string, string>;
  /** Files that a failed write may have changed. */
  readonly #ahead = new Set<string>();
  /** Whether the cursor file may hold rows of a failed write. */
  #areRowsAhead = false;

  constructor(options: FolderWriterOptions) {
    this.#options = options;
    this.#texts = new Map([...options.files].map(([key, { text }]) => [key, text]));
  }

  async edited(draft: RowDraft): Promise<ReadonlyMap<string, ConnectorsError>> {
    const edited = new Map<string, ConnectorsError>();
    for (const [key, row, before] of draft.changes()) {
      const isSame = row.cursor === before.cursor && row.updatedAtMs === before.updatedAtMs;
      if (isSame || this.#ahead.has(key)) continue;
      const error = await this.#editOf(key);
      if (error !== undefined) edited.set(key, error);
    }
    return edited;
  }

  async write(draft: RowDraft): Promise<ReplaceFailure | undefined> {
    let isChanged = this.#areRowsAhead;
    // What could not be taken back: this draft may not concern those files.
    for (const key of this.#ahead) {
      const failure = await this.#writeCursor(key, draft.get(key) ?? unknownSource);
      if (failure !== undefined) return failure;
    }
    for (const [key, row, before] of draft.changes()) {
      isChanged ||= !sameLineWithoutCursor(row, before);
      if (row.cursor === before.cursor && row.updatedAtMs === before.updatedAtMs) continue;
      const failure = await this.#writeCursor(key, row);
      if (failure !== undefined) return failure;
    }
    // Cursors come first: without its file, an epoch or a due says nothing wrong.
    const failure = isChanged ? await this.#writeRows(draft.entries()) : undefined;
    if (failure === undefined) this.#ahead.clear();
    return failure === undefined || this.#ahead.size === 0 ? failure : { ...failure, fileIs: "uncertain" };
  }

  async takeBack(rows: ReadonlyMap<string, SourceRow>): Promise<ReplaceFailure | undefined> {
    for (const key of this.#ahead) {
      const failure = await this.#writeCursor(key, rows.get(key) ?? unknownSource);
      if (failure !== undefined) return failure;
    }
    const failure = await this.#writeRows(rows.entries());
    if (failure === undefined) this.#ahead.clear();
    return failure;
  }

  /** What to say about a file that is not as it was written or read here. One that cannot be read is another program's work, too. */
  async #editOf(key: string): Promise<ConnectorsError | undefined> {
    const path = cursorPath(this.#options.folder, key);
    try {
      return (await readCursorText(path)) === this.#texts.get(key) ? undefined : editedError(path, key);
    } catch (error) {
      if (isConnectorsError(error)) return error;
      throw error;
    }
  }

  async #writeRows(rows: Iterable<readonly [key: string, row: SourceRow]>): Promise<ReplaceFailure | undefined> {
    const { path, fileSystem } = this.#options;
    const failure = await replaceFile(noun, path, toCursorFile(rows, toLineWithoutCursor, "dir"), fileSystem);
    this.#areRowsAhead = failure !== undefined && (this.#areRowsAhead || failure.fileIs === "uncertain");
    return failure;
  }

  async #writeCursor(key: string, { cursor, updatedAtMs }: SourceRow): Promise<ReplaceFailure | undefined> {
    const { folder, fileSystem } = this.#options;
    const path = cursorPath(folder, key);
    this.#ahead.add(key);
    try {
      if (cursor === undefined) {
        await fileSystem.remove(path);
        await fileSystem.syncFolder(dirname(path)).catch(() => undefined);
        // It stays while there are others of its kind in it.
        await rmdir(dirname(path)).catch(() => undefined);
        this.#texts.delete(key);
        return undefined;
      }
      await makeStateFolder(dirname(path));
    } catch (error) {
      return { error: writeFailed(noun, path, error), fileIs: "uncertain" };
    }
    const text = toCursorText(cursor);
    const failure = await replaceFile(noun, path, [text], fileSystem);
    if (failure !== undefined) return { ...failure, fileIs: "uncertain" };
    this.#texts.set(key, text);
    await setTime(path, updatedAtMs);
    return undefined;
  }
}

function editedError(path: string, key: string): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_CURSOR_EDITED",
    message: `the cursor file ${path} was changed by another program while the runner runs, so the cursor of ${key} is not stored`,
    hint: "restart the runner to have it take the file as it is now, and stop it before the next edit",
  });
}
