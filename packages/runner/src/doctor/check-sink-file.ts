import { constants } from "node:fs";
import { access, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { failure, type Finding } from "../checks/finding.ts";
import { notJsonLines, whyForeign } from "../sinks/json-lines-file.ts";
import { errorCodeOf } from "./error-code-of.ts";
import { probeFolder } from "./probe-folder.ts";

/** Whether episodes can be appended to a file. The file itself is only read: it may be in use, and must not be made here. */
export async function checkSinkFile(path: string): Promise<Finding> {
  const hint = "check [statewave] url and the rights on the file and its folder";
  try {
    const existing = await stat(path).catch((error: unknown) =>
      errorCodeOf(error) === "ENOENT" ? undefined : Promise.reject(error),
    );
    if (existing?.isDirectory() === true) return { ok: false, message: `${path} is a folder, not a file for episodes`, hint };
    if (existing !== undefined) await access(path, constants.R_OK | constants.W_OK);
    const why = existing === undefined ? undefined : await whyUnusable(path);
    if (why !== undefined) return failure(notJsonLines(path, why));
  } catch (error) {
    return { ok: false, message: `${path} cannot be read and written: ${errorCodeOf(error)}`, hint };
  }
  const folder = await probeFolder(dirname(path), { files: false });
  return folder.ok ? { ok: true, message: `episodes can be written to ${path}; no server is involved` } : { ...folder, hint };
}

async function whyUnusable(path: string): Promise<string | undefined> {
  // Without it, opening a pipe waits for its writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return await whyForeign(handle);
  } finally {
    await handle.close();
  }
}
