import { accessSync, constants, realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { codeOf } from "../thrown.ts";
import type { FoundConfig } from "../load/find-config.ts";

/** Why a configuration file that was found, not named, must not choose the code that is loaded, and what to do. */
export interface Distrust {
  readonly reason: string;
  readonly hint: string;
}

/**
 * Why a configuration must not name code by its path; undefined when it may: the caller named it, or it and its folder belong to this user
 * and no other user may write to them.
 */
export function distrustOf({ path, foundBy }: FoundConfig): Distrust | undefined {
  if (foundBy === "explicit" || foundBy === "environment") return undefined;
  const found = `the file was found in the ${foundBy === "home" ? "home folder" : foundBy}`;
  const named = `read it, then name it with --config ${path}`;
  const uid = process.geteuid?.();
  if (uid === undefined) return { reason: `${found}, and this system does not report its owner`, hint: named };
  const file = statSync(path);
  if (file.uid !== uid) return { reason: `${found}, and it belongs to another user (uid ${file.uid})`, hint: named };
  const folders = [dirname(path), dirname(realpathSync(path))];
  const foreign = folders.find((folder) => !isOwned(statSync(folder), uid));
  if (foreign !== undefined) return { reason: `${found}, and its folder ${foreign} belongs to another user`, hint: named };
  const open = [path, ...folders].find((place) => (statSync(place).mode & othersMayWrite) !== 0);
  if (open === undefined) return undefined;
  return {
    reason: `${found}, and other users may write to ${open}`,
    hint: `run chmod go-w ${open}, or name the file with --config`,
  };
}

/** Where packages may be looked for besides the program's own; undefined: in both the file's folder and the working directory. */
export function trustedFolders({ path, foundBy }: FoundConfig, cwd: string): readonly string[] | undefined {
  const isNamed = foundBy === "explicit" || foundBy === "environment";
  const folders = [dirname(path), cwd];
  const trusted = folders.filter((folder) => (isNamed && folder === dirname(path)) || mayHoldPackages(folder));
  return trusted.length === folders.length ? undefined : trusted;
}

const othersMayWrite = 0o022;
const everyoneMayWrite = 0o002;

/** Whether packages are loaded from a folder that was not named: it belongs to this user or to root, and not everyone may write to it. */
function mayHoldPackages(folder: string, uid = process.geteuid?.()): boolean {
  if (isClosed(folder)) return false;
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined || uid === undefined) return true;
  return isOwned(found, uid) && (found.mode & everyoneMayWrite) === 0;
}

/** As root's home is for a command that `sudo -u` starts there: what is in it is not for this user. */
function isClosed(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return false;
  } catch (error) {
    return codeOf(error) === "EACCES";
  }
}

/** Whether packages are loaded from a `node_modules` above a folder: it may also belong to the owner of that folder. */
export function mayHoldPackagesFor(folder: string, modules: string): boolean {
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  return mayHoldPackages(modules) || (owner !== undefined && mayHoldPackages(modules, owner));
}

function isOwned(found: Stats, uid: number): boolean {
  return found.uid === uid || found.uid === 0;
}
