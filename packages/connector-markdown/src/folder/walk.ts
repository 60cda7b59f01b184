import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, readlink, realpath, stat } from "node:fs/promises";
import { isUtf8 } from "node:buffer";
import { join } from "node:path";
import { folderError } from "../errors.ts";
import { isLeftover, isSyncConflict, placeholderFor } from "./entry-names.ts";
import { isAbsence } from "./file-errors.ts";
import { type Folder, isInFolder } from "./folder.ts";
import type { SkipReason } from "./left-out.ts";
import type { Patterns } from "./patterns.ts";

export type Found =
  /** A document by its name; `stats` are those of the file it leads to. */
  | { readonly path: string; readonly stats: Stats }
  /** `path` of a placeholder is that of the document it stands for. */
  | { readonly path: string; readonly skipped: SkipReason };

/** What a walk is made with, and what it learns of folders. */
export interface Walk {
  readonly folder: Folder;
  readonly patterns: Patterns;
  /** Whether copies made because of a conflict are documents. */
  readonly readsConflicts: boolean;
  readonly signal: AbortSignal;
  /** All folders that were read. */
  readonly folders: Set<string>;
  /** Of these, those with no file in them and below them. */
  readonly emptyFolders: Set<string>;
  /** Folders on another device than the one they lie in. */
  readonly mounts: Set<string>;
}

/** Walks the folder in the order of the names, so that every walk of the same files finds them in the same order. */
export async function* walkFolder(walk: Walk): AsyncGenerator<Found> {
  if (walk.folder.isMount) walk.mounts.add("");
  yield* walkBelow(walk, "", walk.folder.device);
}

/** One entry of a folder. */
interface FolderEntry {
  readonly name: string;
  readonly isNameValid: boolean;
  readonly dirent: Dirent<Buffer>;
}

/** Returns whether there is a file in the folder or below it. */
async function* walkBelow(walk: Walk, parent: string, device: number): AsyncGenerator<Found, boolean> {
  const entries = await readEntries(walk.folder, parent);
  if (entries === undefined) {
    yield { path: parent, skipped: "unreadable" };
    return true;
  }
  walk.folders.add(parent);
  const names = new Set(entries.map(({ name }) => name));
  let hasFile = false;
  for (const entry of entries) {
    walk.signal.throwIfAborted();
    const path = parent === "" ? entry.name : `${parent}/${entry.name}`;
    if (entry.dirent.isDirectory()) {
      const isEntered = !walk.patterns.prunes(path);
      const hasInside = isEntered ? yield* enterFolder(walk, path, entry, device) : true;
      hasFile ||= hasInside;
      continue;
    }
    hasFile ||= !isLeftover(entry.name);
    const found = await lookAt(walk, path, entry, names);
    if (found !== undefined) yield found;
  }
  if (!hasFile) walk.emptyFolders.add(parent);
  return hasFile;
}

async function* enterFolder(walk: Walk, path: string, entry: FolderEntry, device: number): AsyncGenerator<Found, boolean> {
  if (!entry.isNameValid) {
    yield { path, skipped: "name_not_utf8" };
    return true;
  }
  const own = await deviceOf(join(walk.folder.realPath, path));
  if (own !== undefined && own !== device) walk.mounts.add(path);
  return yield* walkBelow(walk, path, own ?? device);
}

async function deviceOf(path: string): Promise<number | undefined> {
  return lstat(path).then(
    ({ dev }) => dev,
    () => undefined,
  );
}

/** Undefined: cannot be read for now. A subfolder that vanished meanwhile is empty; the folder itself must be there. */
async function readEntries(folder: Folder, path: string): Promise<readonly FolderEntry[] | undefined> {
  try {
    // As bytes: a name in another encoding than UTF-8 cannot be found again under its text.
    const dirents = await readdir(join(folder.realPath, path), { withFileTypes: true, encoding: "buffer" });
    return dirents
      .map((dirent) => ({ name: dirent.name.toString(), isNameValid: isUtf8(dirent.name), dirent }))
      .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    if (path === "") throw folderError(folder.name, error);
    return isAbsence(error) ? [] : undefined;
  }
}

/** Undefined: nothing that concerns us. */
async function lookAt(walk: Walk, path: string, entry: FolderEntry, names: ReadonlySet<string>): Promise<Found | undefined> {
  const { folder, patterns } = walk;
  const document = placeholderFor(entry.name);
  if (document !== undefined && !names.has(document)) {
    const documentPath = path.slice(0, path.length - entry.name.length) + document;
    if (patterns.matches(documentPath)) return { path: documentPath, skipped: "not_on_this_machine" };
  }
  const isNamed = patterns.matches(path);
  if (isNamed && !entry.isNameValid) return { path, skipped: "name_not_utf8" };
  if (isNamed && !walk.readsConflicts && isSyncConflict(entry.name, names)) return { path, skipped: "sync_conflict" };
  const file = join(folder.realPath, path);
  try {
    if (entry.dirent.isSymbolicLink()) return await followLink(walk, path, file);
    return entry.dirent.isFile() && isNamed ? { path, stats: await lstat(file) } : undefined;
  } catch (error) {
    return { path, skipped: isAbsence(error) ? "vanished" : "unreadable" };
  }
}

/**
 * A link to a file in the folder is a document of its own name. A link to a folder in the folder is not entered: what it leads to is
 * read where it lies, so no document comes twice and no loop can be entered.
 */
async function followLink({ folder, patterns }: Walk, path: string, file: string): Promise<Found | undefined> {
  const isNamed = patterns.matches(path);
  let target: string;
  let stats: Stats;
  try {
    target = await realpath(file);
    stats = await stat(target);
  } catch {
    return isNamed ? { path, skipped: (await isAnnexed(file)) ? "not_on_this_machine" : "symlink_broken" } : undefined;
  }
  const isFolder = stats.isDirectory() && !patterns.prunes(path);
  if (!isNamed && !isFolder) return undefined;
  if (target !== folder.realPath && !isInFolder(folder, target)) return { path, skipped: "symlink_outside" };
  if (stats.isDirectory()) return { path, skipped: "symlink_folder" };
  return stats.isFile() ? { path, stats } : { path, skipped: "not_a_file" };
}

/** Whether a link that leads nowhere is a file of git-annex whose content is on other machines. */
async function isAnnexed(file: string): Promise<boolean> {
  return readlink(file).then(
    (target) => target.includes(".git/annex/objects/"),
    () => false,
  );
}
