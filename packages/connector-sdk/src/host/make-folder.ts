import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

const forThisUser = 0o700;

/**
 * Makes a folder and those above it that are missing, for this user alone unless a mode is given. The recursive `mkdir` of Node.js never ends
 * where a folder that exists takes no other one, such as `/proc`.
 */
export async function makeFolder(path: string, mode = forThisUser): Promise<void> {
  const isMade = await makeOne(path, mode);
  if (isMade) return;
  if (dirname(path) !== path) await makeFolder(dirname(path), mode);
  if (!(await makeOne(path, mode))) await mkdir(path, { mode });
}

/** False: the folder above it is missing, or says so. */
async function makeOne(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return false;
    if (code === "EEXIST" && (await stat(path)).isDirectory()) return true;
    throw error;
  }
}
