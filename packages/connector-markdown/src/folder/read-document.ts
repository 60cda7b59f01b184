import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, realpath } from "node:fs/promises";
import { join } from "node:path";
import { isAbsence } from "./file-errors.ts";
import { type Folder, isInFolder } from "./folder.ts";
import type { SkipReason } from "./left-out.ts";
import { detectEncoding, type Encoding } from "./decode-document.ts";

/** Larger documents are skipped and counted. */
export const maxDocumentBytes = 1024 * 1024;

/** Room for one document, and for the byte that shows it is too large. Used again for the next one. */
export function documentBuffer(): Buffer {
  return Buffer.allocUnsafe(maxDocumentBytes + 1);
}

export type Reading =
  /** `bytes` is a view into the buffer, `hash` 132 bits of SHA-256 in base64url. */
  | { readonly bytes: Uint8Array; readonly encoding: Encoding; readonly hash: string; readonly stats: Stats }
  | { readonly skipped: SkipReason };

/** Reads a document whole. What was a harmless file during the walk may be something else by now, so the open file is judged again. */
export async function readDocument(folder: Folder, path: string, buffer: Buffer): Promise<Reading> {
  const file = join(folder.realPath, path);
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for a writer.
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    // Before the reading: a change during it then shows as a difference at the next walk.
    const stats = await handle.stat();
    if (!stats.isFile()) return { skipped: "not_a_file" };
    if (!(await isFileInFolder(folder, file, stats))) return { skipped: "symlink_outside" };
    if (stats.size > maxDocumentBytes) return { skipped: "too_large" };
    const bytes = await readAll(handle, buffer);
    if (bytes.length > maxDocumentBytes) return { skipped: "too_large" };
    if (isPointer(bytes)) return { skipped: "not_on_this_machine" };
    const encoding = detectEncoding(bytes);
    if (encoding === "binary" || encoding === "unknown_encoding") return { skipped: encoding };
    return { bytes, encoding, hash: createHash("sha256").update(bytes).digest("base64url").slice(0, 22), stats };
  } catch (error) {
    return { skipped: isAbsence(error) ? "vanished" : "unreadable" };
  } finally {
    await handle?.close();
  }
}

const pointerStart = Buffer.from("version https://git-lfs.github.com/spec/v1\noid ");

/** Whether Git LFS keeps the content elsewhere. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
function isPointer(bytes: Uint8Array): boolean {
  return bytes.length < 1024 && pointerStart.equals(bytes.subarray(0, pointerStart.length));
}

/** Whether the opened file is the one that lies in the folder under this path: a link may have been turned between walk and open. */
async function isFileInFolder(folder: Folder, file: string, opened: Stats): Promise<boolean> {
  const target = await realpath(file);
  if (!isInFolder(folder, target)) return false;
  const there = await lstat(target);
  return there.dev === opened.dev && there.ino === opened.ino;
}

async function readAll(handle: FileHandle, buffer: Buffer): Promise<Buffer> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
