import { closeSync, constants, fchownSync, fsyncSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** A user and a group. */
export interface FileOwner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The owner that root gives a new state file: that of the existing file, otherwise that of its folder. So a command that is run with `sudo` leaves
 * no file that the runner cannot open. Undefined for other users, and where both belong to root.
 */
export function ownerToKeep(path: string, euid = process.geteuid?.()): FileOwner | undefined {
  if (euid !== 0) return undefined;
  const found = [path, dirname(path)].map((each) => statSync(each, { throwIfNoEntry: false }));
  const owner = found.find((status) => status !== undefined && status.uid !== 0);
  return owner === undefined ? undefined : { uid: owner.uid, gid: owner.gid };
}

/** Makes an empty file for that owner, as the superuser and where there is none: what opens it afterwards keeps its owner. */
export function makeOwnedFile(path: string, owner = ownerToKeep(path)): void {
  if (owner === undefined) return;
  let file: number;
  try {
    // Exclusively, so that no file behind a link of another user is given away.
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw error;
  }
  give(file, owner);
  // The file's name must survive a power cut as well as its contents.
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}

/** As the superuser, gives what was just made at a path to that owner. */
export function giveToOwner(path: string, owner = ownerToKeep(path)): void {
  if (owner !== undefined) give(openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW), owner);
}

/** Where it may not be given away, as on some network disks, it is used all the same. */
function give(file: number, { uid, gid }: FileOwner): void {
  try {
    fchownSync(file, uid, gid);
  } catch {
  } finally {
    closeSync(file);
  }
}
