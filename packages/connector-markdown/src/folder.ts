import { readdir, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { isAbsence, systemCode } from "./file-errors.ts";

/** A folder that suddenly holds nothing at all, though it had this many documents, is taken for a volume that is not mounted. */
const suspiciousLoss = 10;

/** The folder as it was found: where it really lies, and which one it is. */
export interface Folder {
  /** As configured, for messages. */
  readonly name: string;
  /** Without symbolic links. */
  readonly realPath: string;
  readonly device: number;
  readonly inode: number;
}

/** Throws MARKDOWN_FOLDER_MISSING or MARKDOWN_FOLDER_UNREADABLE. */
export async function openFolder(name: string): Promise<Folder> {
  const found = await resolveFolder(name).catch((error: unknown) => {
    throw folderError(name, error);
  });
  if (!found.stats.isDirectory()) throw folderMissing(name);
  return { name, realPath: found.realPath, device: found.stats.dev, inode: found.stats.ino };
}

async function resolveFolder(name: string) {
  const realPath = await realpath(name);
  return { realPath, stats: await stat(realPath) };
}

/** Throws when the folder was moved or unmounted since it was opened: then its documents are not gone, only out of reach. */
export async function assertStillThere(folder: Folder): Promise<void> {
  const now = await openFolder(folder.realPath);
  if (now.device !== folder.device || now.inode !== folder.inode) throw folderMissing(folder.name);
}

/** Throws MARKDOWN_FOLDER_EMPTY when deletions of all `documents` would follow from a folder without any entry. */
export async function assertNotSuddenlyEmpty(folder: Folder, documents: number): Promise<void> {
  if (documents < suspiciousLoss) return;
  const entries = await readdir(folder.realPath).catch((error: unknown) => {
    throw folderError(folder.name, error);
  });
  if (entries.length > 0) return;
  throw new ConnectorsError({
    code: "MARKDOWN_FOLDER_EMPTY",
    message: `the folder ${folder.name} is empty, but held ${documents} documents`,
    hint: "mount its volume; if it was emptied on purpose, put any file into it, and the deletions are reported",
    retryable: true,
  });
}

/** Whether a path without symbolic links lies in the folder. */
export function isInFolder(folder: Folder, realPath: string): boolean {
  return realPath.startsWith(folder.realPath.endsWith(sep) ? folder.realPath : folder.realPath + sep);
}

export function folderError(name: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined) return error;
  if (isAbsence(error)) return folderMissing(name, error);
  return new ConnectorsError({
    code: "MARKDOWN_FOLDER_UNREADABLE",
    message: `the folder ${name} cannot be read (${code})`,
    hint: "give the user that runs the runner the right to read it",
    retryable: true,
    cause: error,
  });
}

function folderMissing(name: string, cause?: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "MARKDOWN_FOLDER_MISSING",
    message: `there is no folder ${name}`,
    hint: "check `path`, which starts from the configuration file's folder; nothing is reported as deleted meanwhile",
    retryable: true,
    cause,
  });
}
