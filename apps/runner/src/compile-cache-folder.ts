import { lstatSync, type Stats } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

const othersMayWrite = 0o022;

/**
 * Where compiled code is cached: the user's cache folder, not Node's default under the temp dir. Undefined when there is none, or when
 * another user could write code there.
 */
export function compileCacheFolder(
  env: Readonly<Record<string, string | undefined>>,
  uid: number | undefined,
): string | undefined {
  const parent = cacheFolder(env);
  if (parent === undefined) return undefined;
  const folder = join(parent, "statewave-connectors");
  return isOwn(folder, uid) ? folder : undefined;
}

/** Undefined for a user without a home, such as one that the system does not know. */
function cacheFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const xdg = env["XDG_CACHE_HOME"] ?? "";
  if (isAbsolute(xdg)) return xdg;
  try {
    return join(homedir(), ".cache");
  } catch {
    return undefined;
  }
}

function isOwn(folder: string, uid: number | undefined): boolean {
  let status: Stats | undefined;
  try {
    status = lstatSync(folder, { throwIfNoEntry: false });
  } catch {
    // The home of another user, which a command keeps that was started as this one: `setpriv`, `su -m`.
    return false;
  }
  if (status === undefined || uid === undefined) return true;
  return status.isDirectory() && status.uid === uid && (status.mode & othersMayWrite) === 0;
}
