import { suspiciousLoss } from "../folder/folder.ts";
import type { Walk } from "../folder/walk.ts";

/** Documents that a walk did not find, but that are not reported as deleted, by the folder whose volume seems not to be mounted. */
export type Withheld = ReadonlyMap<string, readonly string[]>;

/**
 * A volume that is not mounted leaves an empty folder, or none, and its documents are out of reach rather than deleted. That is assumed of folders
 * that were mounts, and of those that held several documents and are without any file.
 */
export function withheldDocuments(
  missing: readonly string[],
  walk: Pick<Walk, "folders" | "emptyFolders" | "mounts">,
  knownMounts: ReadonlySet<string>,
): Withheld {
  const groups = new Map<string, string[]>();
  const gone = [...knownMounts].filter((mount) => mount !== "" && isGone(mount, walk));
  for (const path of missing) {
    const folder = gone.find((mount) => path.startsWith(`${mount}/`)) ?? emptyFolderOf(path, walk.emptyFolders);
    if (folder === undefined) continue;
    const group = groups.get(folder);
    if (group === undefined) groups.set(folder, [path]);
    else group.push(path);
  }
  return new Map([...groups].filter(([folder, paths]) => paths.length >= suspiciousLoss || gone.includes(folder)));
}

function isGone(mount: string, { folders, emptyFolders, mounts }: Pick<Walk, "folders" | "emptyFolders" | "mounts">): boolean {
  return !mounts.has(mount) && (emptyFolders.has(mount) || !folders.has(mount));
}

/** The outermost folder around a path that holds no file. */
function emptyFolderOf(path: string, emptyFolders: ReadonlySet<string>): string | undefined {
  if (emptyFolders.has("")) return "";
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) {
    const folder = path.slice(0, end);
    if (emptyFolders.has(folder)) return folder;
  }
  return undefined;
}
