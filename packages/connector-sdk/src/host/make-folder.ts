import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { giveToOwner } from "./file-owner.ts";

const forThisUser = 0o700;

/**
 * Makes a folder and those above it that are missing, for this user alone unless a mode is given. The recursive `mkdir` of Node.js never ends
 * where a folder that exists takes no other one, such as `/proc`.
 */
export async function makeFolder(path: string, mode = forThisUser): Promise<void> {
  await makeWith(path, (each) => mkdir(each, { mode }));
}

/** As `makeFolder`. What the superuser makes belongs to the owner of the folder above it, so that the user who runs the connectors can enter it. */
export async function makeStateFolder(path: string): Promise<void> {
  await makeWith(path, async (each) => {
    await mkdir(each, { mode: forThisUser });
    giveToOwner(each);
  });
}

type Make = (path: string) => Promise<void>;

async function makeWith(path: string, make: Make): Promise<void> {
  const isMade = await makeOne(path, make);
  if (isMade) return;
  if (dirname(path) !== path) await makeWith(dirname(path), make);
  if (!(await makeOne(path, make))) await make(path);
}

/** False: its parent folder is missing. */
async function makeOne(path: string, make: Make): Promise<boolean> {
  try {
    await make(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return false;
    if (code === "EEXIST" && (await stat(path)).isDirectory()) return true;
    throw error;
  }
}
