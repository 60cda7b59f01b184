import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { makeFolder } from "@statewave-connectors/connector-sdk/host";

/** Of a folder for files of the user's own: the umask decides who may read it. */
export const folderMode = 0o777;

/** A file to be written. */
export interface FileToWrite {
  readonly path: string;
  readonly text: string;
  /** Only this user may read it. */
  readonly isSecret?: boolean;
  /** The text holds all that the file at this path holds, which it may take the place of. */
  readonly extends?: boolean;
}

/** Writes all files or, where one exists and `force` is not set, none. Throws `RUNNER_INIT_FILE_EXISTS` or `RUNNER_OUTPUT_UNWRITABLE`. */
export async function writeFiles(files: readonly FileToWrite[], { force }: { readonly force: boolean }): Promise<void> {
  if (!force) refuseExisting(files.filter((file) => file.extends !== true).map(({ path }) => path));
  const made: string[] = [];
  for (const file of files) {
    const { path } = file;
    const replaces = force || file.extends === true;
    try {
      await makeFolder(dirname(path), folderMode);
      if (replaces) await replace(file);
      // "wx" also keeps a file that was made since.
      else await writeFile(path, file.text, { flag: "wx", mode: modeOf(file) });
      if (!replaces) made.push(path);
    } catch (cause) {
      // "wx" leaves half a file on a full disk, but never made one that was there.
      const half = replaces || codeOf(cause) === "EEXIST" ? [] : [path];
      for (const each of [...made, ...half]) await rm(each, { force: true }).catch(() => undefined);
      throw unwritable(path, cause);
    }
  }
}

/** Throws `RUNNER_INIT_FILE_EXISTS` if one of them does. */
export function refuseExisting(paths: readonly string[]): void {
  const existing = paths.filter((path) => existsSync(path));
  if (existing.length > 0) throw exists(existing);
}

/** A new file in the place of the old one: its mode, which others may read by, does not stay, and a full disk costs nothing. */
async function replace(file: FileToWrite): Promise<void> {
  const fresh = `${file.path}.${randomUUID()}`;
  try {
    await writeFile(fresh, file.text, { flag: "wx", mode: modeOf(file) });
    await rename(fresh, file.path);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => undefined);
    throw error;
  }
}

function modeOf({ isSecret = false }: FileToWrite): number {
  return isSecret ? 0o600 : 0o644;
}

/** `RUNNER_OUTPUT_UNWRITABLE`, or `RUNNER_INIT_FILE_EXISTS` for a file that is there. */
export function unwritable(path: string, cause: unknown): ConnectorsError {
  const code = codeOf(cause);
  if (code === "EEXIST") return exists([path]);
  return new ConnectorsError({
    code: "RUNNER_OUTPUT_UNWRITABLE",
    message: `${path} cannot be written: ${code}`,
    hint: "name a file in a folder that exists and that this user may write to",
    cause,
  });
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
}

function exists(paths: readonly string[]): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_INIT_FILE_EXISTS",
    message: `${paths.join(" and ")} ${paths.length === 1 ? "exists" : "exist"}, and nothing was written`,
    hint: "name another file, or pass --force to replace what is there",
  });
}
