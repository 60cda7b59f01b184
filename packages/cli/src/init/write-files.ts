import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ConnectorsError } from "@statewave-connectors/connector-sdk";

/** A file to be written. */
export interface FileToWrite {
  readonly path: string;
  readonly text: string;
  /** Only this user may read it. */
  readonly isSecret?: boolean;
}

/** Writes all files or, where one exists and `force` is not set, none. Throws `RUNNER_INIT_FILE_EXISTS` or `RUNNER_OUTPUT_UNWRITABLE`. */
export async function writeFiles(files: readonly FileToWrite[], { force }: { readonly force: boolean }): Promise<void> {
  const existing = files.filter(({ path }) => existsSync(path)).map(({ path }) => path);
  if (existing.length > 0 && !force) throw exists(existing);
  for (const { path, text, isSecret = false } of files) {
    try {
      await mkdir(dirname(path), { recursive: true });
      // "wx" also keeps a file that was made since.
      await writeFile(path, text, { flag: force ? "w" : "wx", mode: isSecret ? 0o600 : 0o644 });
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }
}

/** `RUNNER_OUTPUT_UNWRITABLE`, or `RUNNER_INIT_FILE_EXISTS` for a file that is there. */
export function unwritable(path: string, cause: unknown): ConnectorsError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
  if (code === "EEXIST") return exists([path]);
  return new ConnectorsError({
    code: "RUNNER_OUTPUT_UNWRITABLE",
    message: `${path} cannot be written: ${code}`,
    hint: "name a file in a folder that exists and that this user may write to",
    cause,
  });
}

function exists(paths: readonly string[]): ConnectorsError {
  return new ConnectorsError({
    code: "RUNNER_INIT_FILE_EXISTS",
    message: `${paths.join(" and ")} ${paths.length === 1 ? "exists" : "exist"}, and nothing was written`,
    hint: "name another file with --config, or pass --force to replace what is there",
  });
}
