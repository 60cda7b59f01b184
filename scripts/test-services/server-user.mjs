import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * The user that a server runs as, because Postgres refuses to run as root. Without ids: the current user.
 * @typedef {{ uid?: number, gid?: number }} ServerUser
 */

/** The user for a server that must not be root; the account `nobody` exists on every machine. @returns {ServerUser} */
export function serverUser() {
  if (process.getuid?.() !== 0) return {};
  const name = ["postgres", "nobody"].find((candidate) => spawnSync("id", ["-u", candidate]).status === 0);
  if (name === undefined) throw new Error("root may not run Postgres, and this machine has neither the user postgres nor nobody");
  const idOf = (/** @type {string} */ flag) => Number(execFileSync("id", [flag, name], { encoding: "utf8" }));
  return { uid: idOf("-u"), gid: idOf("-g") };
}

/**
 * A new folder that belongs to `user` and that `user` can reach: `TMPDIR` of root may be in a folder that only root may enter.
 * @param {string} prefix @param {ServerUser} user @returns {string}
 */
export function makeReachableFolder(prefix, user) {
  const places = user.uid === undefined ? [tmpdir()] : [tmpdir(), "/tmp", "/var/tmp", "/dev/shm"];
  for (const place of new Set(places)) {
    const folder = tryFolder(join(place, prefix), user);
    if (folder !== undefined) return folder;
  }
  throw new Error(`user ${user.uid} can reach none of ${places.join(", ")}`);
}

/** @param {string} prefix @param {ServerUser} user */
function tryFolder(prefix, { uid, gid }) {
  let folder;
  try {
    folder = mkdtempSync(prefix);
  } catch {
    return undefined;
  }
  if (uid === undefined || gid === undefined) return folder;
  chownSync(folder, uid, gid);
  const isReachable = spawnSync("ls", [folder], { uid, gid, cwd: "/", stdio: "ignore" }).status === 0;
  if (!isReachable) rmSync(folder, { recursive: true });
  return isReachable ? folder : undefined;
}
