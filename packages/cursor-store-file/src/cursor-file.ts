import { lstat, readFile, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { foreignOwnerHint, makeStateFolder } from "@statewave-connectors/connector-sdk/host";
import { type ParsedCursorFile, parseCursorFile } from "./cursor-file-format.ts";
import type { CursorFileSystem } from "./file-system.ts";

/** What to do about a disk or a folder that cannot be written to. */
const hintsByCode: Readonly<Record<string, string>> = {
  ENOSPC: "free space on that disk",
  EDQUOT: "raise the quota, or free space",
  EACCES: "let the runner write to the file's folder",
  EPERM: "let the runner write to the file's folder",
  EROFS: "mount the file system writable, or name a path on another one",
};

/**
 * The file to write, with the folder made where it is missing. A symbolic link is followed once and for all: the file it points to is
 * replaced within its own folder, and the link stays a link.
 */
export async function prepareCursorFile(path: string): Promise<string> {
  try {
    return await resolveFile(resolve(path));
  } catch (error) {
    throw new ConnectorsError({
      code: "STORE_UNWRITABLE",
      message: `the folder of the cursor file ${path} cannot be used: ${reasonOf(error)}`,
      hint:
        ownerHint(error, path) ??
        hintsByCode[codeOf(error) ?? ""] ??
        (await linkHint(dirname(resolve(path)))) ??
        "make it a folder that the runner may write to, or name another path",
      cause: error,
    });
  }
}

/** What to do about a folder behind a symbolic link to what is not there, such as a disk that is not mounted. */
async function linkHint(folder: string): Promise<string | undefined> {
  if ((await stat(folder).catch(() => undefined)) !== undefined || dirname(folder) === folder) return undefined;
  const found = await lstat(folder).catch(() => undefined);
  if (found?.isSymbolicLink() !== true) return linkHint(dirname(folder));
  return `make what the symbolic link ${folder} leads to, mount its disk, or name another path`;
}

async function resolveFile(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
  const target = await readlink(path).catch(() => undefined);
  if (target !== undefined) return resolveFile(resolve(dirname(path), target));
  await makeStateFolder(dirname(path));
  return join(await realpath(dirname(path)), basename(path));
}

/** What the file holds; nothing, when there is none. */
export async function readCursorFile(path: string): Promise<ParsedCursorFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readRegularFile(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { rows: new Map(), layout: "file" };
    throw unreadable("cursor file", path, error);
  }
  return parseCursorFile(bytes, path);
}

/** Opening a pipe would wait for a writer, and reading a device may never end. */
export async function readRegularFile(path: string): Promise<Buffer> {
  const found = await stat(path);
  // A folder is refused by the reading itself, in the system's words.
  if (!found.isFile() && !found.isDirectory()) throw new Error("it is a pipe, a socket or a device");
  return readFile(path);
}

/** The error of a file that cannot be read. */
export function unreadable(noun: string, path: string, cause: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_FILE_UNREADABLE",
    message: `the ${noun} ${path} cannot be read: ${reasonOf(cause)}`,
    hint:
      codeOf(cause) === "EISDIR"
        ? "put a file in the place of this folder, or name another path"
        : (ownerHint(cause, path) ?? "let the runner read and write it"),
    cause,
  });
}

/** What is known of the file when replacing it failed. */
export type ReplaceFailure = { readonly error: ConnectorsError; readonly fileIs: "unchanged" | "uncertain" };

/**
 * Puts a new text in the file's place, all of it or nothing, durable when this returns undefined: written beside it, fsynced, renamed
 * over it, and the folder fsynced.
 */
export async function replaceFile(
  noun: string,
  path: string,
  pieces: Iterable<string>,
  fileSystem: CursorFileSystem,
): Promise<ReplaceFailure | undefined> {
  const temporary = temporaryPath(path);
  let fileIs: ReplaceFailure["fileIs"] = "unchanged";
  try {
    await writeTemporary({ temporary, replaced: path }, pieces, fileSystem);
    fileIs = "uncertain";
    await fileSystem.rename(temporary, path);
    await fileSystem.syncFolder(dirname(path));
    return undefined;
  } catch (error) {
    await fileSystem.remove(temporary).catch(() => undefined);
    return { error: writeFailed(noun, path, error), fileIs };
  }
}

/** An earlier failure may have left a file there; a name of its own for each write would leave one behind each time. */
async function writeTemporary(
  { temporary, replaced }: { readonly temporary: string; readonly replaced: string },
  pieces: Iterable<string>,
  fileSystem: CursorFileSystem,
): Promise<void> {
  try {
    await fileSystem.writeNew(temporary, pieces, replaced);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    await fileSystem.remove(temporary);
    // The pieces are untouched: the file was not opened.
    await fileSystem.writeNew(temporary, pieces, replaced);
  }
}

/** Where the next text is written before it takes the file's place. One process holds the lock, so one name will do. */
export function temporaryPath(path: string): string {
  return `${path}.tmp`;
}

/** The error of a file that could not be written. */
export function writeFailed(noun: string, path: string, cause: unknown): ConnectorsError {
  return new ConnectorsError({
    code: "STORE_WRITE_FAILED",
    message: `the ${noun} ${path} could not be written: ${reasonOf(cause)}`,
    hint: hintsByCode[codeOf(cause) ?? ""] ?? "check the disk",
    retryable: true,
    cause,
  });
}

/** The system's code of an error, e.g. `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function ownerHint(error: unknown, path: string): string | undefined {
  return ["EACCES", "EPERM"].includes(codeOf(error) ?? "") ? foreignOwnerHint(path) : undefined;
}
