import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import type { FoundConfig } from "./find-config.ts";

/** Why a file that nobody named may not say which code to load, and what changes that. */
export interface Distrust {
  readonly reason: string;
  readonly hint: string;
}

/**
 * Whether a configuration may name code by its path: when it was named by the caller, or when it and its folder belong to this user and
 * nobody else may write to them. A file of the working directory may be another user's.
 */
export function distrustOf({ path, foundBy }: FoundConfig): Distrust | undefined {
  if (foundBy === "explicit" || foundBy === "environment") return undefined;
  const found = `the file was found in the ${foundBy === "home" ? "home folder" : foundBy}`;
  const named = `read it, then name it with --config ${path}`;
  const uid = process.geteuid?.();
  if (uid === undefined) return { reason: `${found}, and this system does not tell its owner`, hint: named };
  const file = statSync(path);
  if (file.uid !== uid) return { reason: `${found}, and it belongs to another user (uid ${file.uid})`, hint: named };
  const folders = [dirname(path), dirname(realpathSync(path))];
  const alien = folders.find((folder) => !isOwned(statSync(folder), uid));
  if (alien !== undefined) return { reason: `${found}, and its folder ${alien} belongs to another user`, hint: named };
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
const everybodyMayWrite = 0o002;

/** Whether a folder that nobody named may hold packages: it belongs to this user or to root, and not everybody may write to it. */
function mayHoldPackages(folder: string, uid = process.geteuid?.()): boolean {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined || uid === undefined) return true;
  return isOwned(found, uid) && (found.mode & everybodyMayWrite) === 0;
}

/** Whether a `node_modules` above a folder may hold packages for it: it may also belong to the owner of that folder. */
export function mayHoldPackagesFor(folder: string, modules: string): boolean {
  const owner = statSync(folder, { throwIfNoEntry: false })?.uid;
  return mayHoldPackages(modules) || (owner !== undefined && mayHoldPackages(modules, owner));
}

function isOwned(found: Stats, uid: number): boolean {
  return found.uid === uid || found.uid === 0;
}
