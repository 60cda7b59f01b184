import { lstatSync } from "node:fs";
import { dirname } from "node:path";

/**
 * What to do about a file that another user's rights keep from this process: a hint that names the user and what belongs to it.
 * Undefined when the nearest part of the path that can be seen belongs to this user, or when this is the superuser.
 */
export function foreignOwnerHint(path: string, uid = process.getuid?.()): string | undefined {
  if (uid === undefined || uid === 0) return undefined;
  const owned = nearestVisible(path);
  if (owned === undefined || owned.uid === uid) return undefined;
  return `run it as user ${owned.uid}, who owns ${owned.path}, or name another path`;
}

function nearestVisible(path: string): { readonly path: string; readonly uid: number } | undefined {
  try {
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status !== undefined) return { path, uid: status.uid };
  } catch {
    // The folder may not be entered: its own owner is looked at next.
  }
  const above = dirname(path);
  return above === path ? undefined : nearestVisible(above);
}
