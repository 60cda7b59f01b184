import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, prepareCursorFile, readCursorFile, replaceFile, unreadable } from "./cursor-file.ts";
import { toCursorFile } from "./cursor-file-format.ts";
import type { CursorFileSystem } from "./file-system.ts";
import { lockForThisProcess } from "./process-lock.ts";
import { headerLine, readRecordsFile } from "./records-file.ts";

/** The files in a folder of back-ups. */
const cursorsName = "cursors.json";
const recordsName = "cursors.json.records";

/**
 * Copies the files of a store that is in use into a folder. Each is whole at any moment: cursors are replaced in one step, and of records the
 * last line at most is cut. Cursors come first: what a run notes before it moves its cursor is then in the copy of the records, too.
 */
export async function backUpFiles(path: string, folder: string, fileSystem: CursorFileSystem): Promise<readonly string[]> {
  await fileSystem.writeNew(join(folder, cursorsName), [await textOf(path, [...toCursorFile([])].join(""))]);
  await fileSystem.writeNew(join(folder, recordsName), [await textOf(`${path}.records`, headerLine(0))]);
  await fileSystem.syncFolder(folder);
  return [cursorsName, recordsName];
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
export async function restoreFiles(path: string, folder: string, fileSystem: CursorFileSystem): Promise<void> {
  const target = await prepareCursorFile(path);
  const lock = lockForThisProcess(`${target}.lock`, target);
  try {
    const [cursors, records] = [join(folder, cursorsName), join(folder, recordsName)];
    await readCursorFile(cursors);
    await readRecordsFile(records);
    for (const [noun, from, to] of [
      ["records file", records, `${target}.records`],
      ["cursor file", cursors, target],
    ] as const) {
      const failure = await replaceFile(noun, to, [await readFile(from, "utf8")], fileSystem);
      if (failure !== undefined) throw failure.error;
    }
  } finally {
    lock.release();
  }
}
