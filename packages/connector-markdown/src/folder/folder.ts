import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, sep } from "node:path";
import { folderEmpty, folderError, folderMissing } from "../errors.ts";
import { isLeftover } from "./entry-names.ts";
import { isAbsence } from "./file-errors.ts";

/** A folder that suddenly holds nothing, though it had so many documents, is taken for a volume that is not mounted. */
export const suspiciousLoss = 4;

/** The folder as it was found: where it really lies, and which one it is. */
export interface Folder {
  /** As configured, for messages. */
  readonly name: string;
  /** Without symbolic links. */
  readonly realPath: string;
  readonly device: number;
  readonly inode: number;
  /** Whether it is on another device than the folder it lies in. */
  readonly isMount: boolean;
}

/** Throws MARKDOWN_FOLDER_MISSING or MARKDOWN_FOLDER_UNREADABLE. */
export async function openFolder(name: string): Promise<Folder> {
  const found = await resolveFolder(name).catch((error: unknown) => {
    throw folderError(name, error);
  });
  if (!found.stats.isDirectory()) throw folderMissing(name);
  const { realPath, stats, parentDevice } = found;
  return { name, realPath, device: stats.dev, inode: stats.ino, isMount: stats.dev !== parentDevice };
}

async function resolveFolder(name: string) {
  const realPath = await realpathOf(name);
  const stats = await stat(realPath);
  const parent = await stat(dirname(realPath)).catch(() => stats);
  return { realPath, stats, parentDevice: parent.dev };
}

/** A configuration file may compose the letters of a name in another way than the file system. */
async function realpathOf(name: string): Promise<string> {
  const spellings = [...new Set([name, name.normalize("NFC"), name.normalize("NFD")])];
  let absence: unknown;
  for (const spelling of spellings) {
    try {
      return await realpath(spelling);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      absence ??= error;
    }
  }
  throw absence;
}

/** Throws when the folder was moved or unmounted since it was opened: then its documents are not gone, only out of reach. */
export async function assertStillThere(folder: Folder): Promise<void> {
  const now = await openFolder(folder.realPath);
  if (now.device !== folder.device || now.inode !== folder.inode) throw folderMissing(folder.name);
}

/**
 * Throws MARKDOWN_FOLDER_EMPTY when deletions of all `documents` would follow from a folder without any entry, and these are many or the
 * folder was a mount.
 */
export async function assertNotSuddenlyEmpty(folder: Folder, documents: number, wasMount: boolean): Promise<void> {
  const isMountGone = wasMount && !folder.isMount;
  if (documents === 0 || (documents < suspiciousLoss && !isMountGone)) return;
  const entries = await readdir(folder.realPath).catch((error: unknown) => {
    throw folderError(folder.name, error);
  });
  if (entries.every(isLeftover)) throw folderEmpty(folder.name, documents);
}

/** Whether a path without symbolic links lies in the folder. */
export function isInFolder(folder: Folder, realPath: string): boolean {
  return realPath.startsWith(folder.realPath.endsWith(sep) ? folder.realPath : folder.realPath + sep);
}
