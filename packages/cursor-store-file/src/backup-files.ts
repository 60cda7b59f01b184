import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SourceRow } from "@statewave-connectors/connector-sdk/store";
import { codeOf, prepareCursorFile, readCursorFile, replaceFile, unreadable } from "./cursor-file.ts";
import { toCursorFile } from "./cursor-file-format.ts";
import { readCursorFolder, sourcesInFolder } from "./cursor-folder.ts";
import type { CursorFileSystem } from "./file-system.ts";
import { removeCursorFiles, type RowPlaces } from "./open-rows.ts";
import { lockForThisProcess } from "./process-lock.ts";
import { headerLine, readRecordsFile } from "./records-file.ts";

/** The files in a folder of back-ups. */
const cursorsName = "cursors.json";
const recordsName = "cursors.json.records";

/**
 * Copies a store that is in use into a folder, cursors in one file whatever the layout is. Of the copied records the last line may be cut. Cursors come first:
 * what a run notes before it moves its cursor is then in the copy of the records, too.
 */
export async function backUpFiles(
  path: string,
  rows: Iterable<readonly [key: string, row: SourceRow]>,
  folder: string,
  fileSystem: CursorFileSystem,
): Promise<readonly string[]> {
  await fileSystem.writeNew(join(folder, cursorsName), toCursorFile(rows));
  await fileSystem.writeNew(join(folder, recordsName), [await textOf(`${path}.records`, headerLine(0))]);
  await fileSystem.syncFolder(folder);
  return [cursorsName, recordsName];
}

/** With the other layout the folder may be another program's: only what is a cursor counts. */
async function readableIn(folder: string): Promise<Iterable<string>> {
  return (await readCursorFolder(folder).catch(() => new Map<string, unknown>())).keys();
}

async function textOf(path: string, otherwise: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return otherwise;
    throw unreadable("file", path, error);
  }
}

/**
 * Replaces the files of a store with those that `backUpFiles` wrote. Both are read before anything is replaced. Throws `STORE_LOCKED` while a process has
 * the store open.
 */
export async function restoreFiles({ path, layout, folder: cursors, fileSystem }: RowPlaces, folder: string): Promise<void> {
  const target = await prepareCursorFile(path);
  const lock = lockForThisProcess(`${target}.lock`, target);
  try {
    const [rows, records] = [join(folder, cursorsName), join(folder, recordsName)];
    await readCursorFile(rows);
    await readRecordsFile(records);
    // The next start writes those of the copy, where the layout is one with a file for each.
    await removeCursorFiles(cursors, layout === "dir" ? await sourcesInFolder(cursors) : await readableIn(cursors));
    for (const [noun, from, to] of [
      ["records file", records, `${target}.records`],
      ["cursor file", rows, target],
    ] as const) {
      const failure = await replaceFile(noun, to, [await readFile(from, "utf8")], fileSystem);
      if (failure !== undefined) throw failure.error;
    }
  } finally {
    lock.release();
  }
}
