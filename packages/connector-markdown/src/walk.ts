import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { isAbsence } from "./file-errors.ts";
import { type Folder, folderError, isInFolder } from "./folder.ts";
import type { Patterns } from "./patterns.ts";

/** Why something in the folder is no document; also the label it is counted under. */
export type SkipReason =
  | "symlink_outside"
  | "symlink_folder"
  | "symlink_broken"
  | "unreadable"
  | "too_large"
  | "not_a_file"
  | "vanished";

export type Found =
  /** A document by its name; `stats` are those of the file it leads to. */
  { readonly path: string; readonly stats: Stats } | { readonly path: string; readonly skipped: SkipReason };

/** Walks the folder in the order of the names, so that every walk of the same files finds them in the same order. */
export async function* walkFolder(folder: Folder, patterns: Patterns, signal: AbortSignal): AsyncGenerator<Found> {
  yield* walk(folder, "", patterns, signal);
}

async function* walk(folder: Folder, parent: string, patterns: Patterns, signal: AbortSignal): AsyncGenerator<Found> {
  const entries = await readEntries(folder, parent);
  if (entries === undefined) {
    yield { path: parent, skipped: "unreadable" };
    return;
  }
  for (const entry of entries) {
    signal.throwIfAborted();
    const path = parent === "" ? entry.name : `${parent}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!patterns.prunes(path)) yield* walk(folder, path, patterns, signal);
    } else {
      const found = await lookAt(folder, path, entry, patterns);
      if (found !== undefined) yield found;
    }
  }
}

/** Undefined: cannot be read for now. A subfolder that vanished meanwhile is empty; the folder itself must be there. */
async function readEntries(folder: Folder, path: string): Promise<readonly Dirent[] | undefined> {
  try {
    const entries = await readdir(join(folder.realPath, path), { withFileTypes: true });
    return entries.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    if (path === "") throw folderError(folder.name, error);
    return isAbsence(error) ? [] : undefined;
  }
}

/** Undefined: nothing that concerns us. */
async function lookAt(folder: Folder, path: string, entry: Dirent, patterns: Patterns): Promise<Found | undefined> {
  const file = join(folder.realPath, path);
  try {
    if (entry.isSymbolicLink()) return await followLink(folder, path, file, patterns);
    return entry.isFile() && patterns.matches(path) ? { path, stats: await lstat(file) } : undefined;
  } catch (error) {
    return { path, skipped: isAbsence(error) ? "vanished" : "unreadable" };
  }
}

/**
 * A link to a file in the folder is a document of its own name. A link to a folder in the folder is not entered: what it leads to is
 * read where it lies, so no document comes twice and no loop can be entered.
 */
async function followLink(folder: Folder, path: string, file: string, patterns: Patterns): Promise<Found | undefined> {
  const isNamed = patterns.matches(path);
  let target: string;
  let stats: Stats;
  try {
    target = await realpath(file);
    stats = await stat(target);
  } catch {
    return isNamed ? { path, skipped: "symlink_broken" } : undefined;
  }
  const isFolder = stats.isDirectory() && !patterns.prunes(path);
  if (!isNamed && !isFolder) return undefined;
  if (target !== folder.realPath && !isInFolder(folder, target)) return { path, skipped: "symlink_outside" };
  if (stats.isDirectory()) return { path, skipped: "symlink_folder" };
  return stats.isFile() ? { path, stats } : { path, skipped: "not_a_file" };
}
