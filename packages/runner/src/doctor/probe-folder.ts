import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, lstat, open, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorCodeOf } from "./error-code-of.ts";
import type { Finding } from "../checks/finding.ts";

/** More than a file system keeps in a directory entry, so that a full disk shows. */
const probe = Buffer.alloc(64 * 1024, 0x20);

/**
 * Whether files can be written durably into a folder: writes one, forces it onto the disk and removes it. `files`: whether those in it have
 * to be usable, too. `option`: what names the folder in the configuration.
 */
export async function probeFolder(folder: string, { files = true, option = "[runner] state_dir" } = {}): Promise<Finding> {
  const existing = await nearestExisting(folder);
  // Nothing is made behind a link to what is not there, such as a disk that is not mounted.
  const link = await linkBelow(folder, existing);
  if (link !== undefined) {
    const message = `${folder} cannot be made: ${link} is a symbolic link that leads nowhere`;
    return { ok: false, message, code: "ENOTDIR", hint: `make what ${link} leads to, or mount its disk` };
  }
  const path = join(existing, `.doctor-${randomUUID()}`);
  try {
    await writeDurably(path);
  } catch (error) {
    return unwritable(folder, existing, errorCodeOf(error), option);
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
  if (existing !== folder) return { ok: true, message: `${folder} does not exist yet and can be made` };
  const foreign = files ? await firstUnusableFile(folder) : undefined;
  if (foreign === undefined) return { ok: true, message: `${folder} takes durable writes` };
  return { ok: false, message: `${foreign} cannot be read and written by this user`, hint: ownerHint(foreign) };
}

/** Removed again also when the write fails: half a file on a full disk is still a file. */
async function writeDurably(path: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(probe);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function nearestExisting(folder: string): Promise<string> {
  const found = await stat(folder).catch((error: unknown) => (isAbsent(error) ? undefined : "unreadable"));
  return found !== undefined || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}

/** The symbolic link on the way from `existing` to `folder`; undefined: there is none. */
async function linkBelow(folder: string, existing: string): Promise<string | undefined> {
  if (folder === existing) return undefined;
  const found = await lstat(folder).catch(() => undefined);
  return found?.isSymbolicLink() === true ? folder : linkBelow(dirname(folder), existing);
}

function isAbsent(error: unknown): boolean {
  return errorCodeOf(error) === "ENOENT";
}

/** A command that ran as another user leaves files that a service cannot open. */
async function firstUnusableFile(folder: string): Promise<string | undefined> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(folder, entry.name);
    const code = await access(path, constants.R_OK | constants.W_OK).then(() => undefined, errorCodeOf);
    if (code === "EACCES" || code === "EPERM" || code === "EROFS") return path;
  }
  return undefined;
}

function unwritable(folder: string, existing: string, code: string, option: string): Finding {
  const where = existing === folder ? folder : `${folder} cannot be made, and ${existing}`;
  return { ok: false, message: `${where} cannot be written: ${code}`, code, hint: hintFor(code, existing, option) };
}

function hintFor(code: string, folder: string, option: string): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return `free space on this disk, or point ${option} at another one`;
    case "EROFS":
      return `mount this disk writable, or point ${option} at another one`;
    case "EACCES":
    case "EPERM":
      return `${ownerHint(folder)}, or point ${option} at another folder`;
    case "ENOTDIR":
      return `point ${option} elsewhere: a file is in the way of the folder`;
    default:
      return `check ${option}`;
  }
}

function ownerHint(path: string): string {
  const uid = process.geteuid?.();
  return `give ${path} to the user that runs the connectors${uid === undefined ? "" : ` (here uid ${uid})`}`;
}
