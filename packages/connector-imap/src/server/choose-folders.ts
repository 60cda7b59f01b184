import { nameMatcher } from "@statewave-connectors/connector-sdk/options";
import type { ListedFolder } from "./session.ts";

/** What an entry reads of a mailbox. */
export interface ChosenFolders {
  readonly folders: readonly ListedFolder[];
  /** What is named in `folders` and is not there. Patterns may match nothing. */
  readonly missing: readonly string[];
}

/** What is read where an entry names nothing. */
export const defaultFolders = ["INBOX", "\\Sent"] as const;

/** A pattern does not reach these. The last three hold what is in other folders, too. */
const namedOnly = new Set(["\\trash", "\\junk", "\\drafts", "\\all", "\\flagged", "\\important"]);

/** Finds the folders that `wanted` names: by special use, by name, or by a pattern. */
export function chooseFolders(wanted: readonly string[], listed: readonly ListedFolder[]): ChosenFolders {
  const chosen = new Map<string, ListedFolder>();
  const missing: string[] = [];
  for (const name of wanted) {
    const found = listed.filter(matcherOf(name, listed));
    for (const folder of found) chosen.set(folder.path, folder);
    if (found.length === 0 && !mayMatchNothing(name)) missing.push(name);
  }
  return { folders: listed.filter(({ path }) => chosen.has(path)), missing };
}

function matcherOf(name: string, listed: readonly ListedFolder[]): (folder: ListedFolder) => boolean {
  const lower = name.toLowerCase();
  if (lower === "inbox" || lower === "\\inbox") return ({ path }) => path.toLowerCase() === "inbox";
  if (name.startsWith("\\")) return ({ specialUse }) => specialUse?.toLowerCase() === lower;
  const matches = nameMatcher([name]);
  const isMatch = (folder: ListedFolder) => matches(folder.path) || matches(withSlashes(folder));
  if (!isPattern(name)) return isMatch;
  const hidden = listed.filter((each) => isNamedOnly(each) && !leadsInto(name, each));
  // Gmail has a folder `[Gmail]/All Mail`: a name is one before it is a pattern.
  return (folder) => isNamed(name, folder) || (!hidden.some((each) => isWithin(folder, each)) && isMatch(folder));
}

function isNamedOnly({ specialUse = "", marks = [] }: ListedFolder): boolean {
  return [specialUse.toLowerCase(), ...marks].some((mark) => namedOnly.has(mark));
}

function isNamed(name: string, folder: ListedFolder): boolean {
  const composed = name.normalize("NFC");
  return folder.path.normalize("NFC") === composed || withSlashes(folder).normalize("NFC") === composed;
}

/** Mail programs move a folder that is deleted into the trash. */
function isWithin(folder: ListedFolder, other: ListedFolder): boolean {
  return folder.path === other.path || (other.delimiter !== "" && folder.path.startsWith(`${other.path}${other.delimiter}`));
}

/** Whether a pattern names the folder, and what is in it: `Trash/*`. */
function leadsInto(pattern: string, folder: ListedFolder): boolean {
  const { path, delimiter } = folder;
  return pattern.startsWith(`${withSlashes(folder)}/`) || (delimiter !== "" && pattern.startsWith(`${path}${delimiter}`));
}

/** Many servers write `Archive.2026`: a pattern may write slashes everywhere. */
function withSlashes({ path, delimiter }: ListedFolder): string {
  return delimiter === "" || delimiter === "/" ? path : path.replaceAll(delimiter, "/");
}

function isPattern(name: string): boolean {
  return !name.startsWith("\\") && /[*?[{]/.test(name);
}

/** Brackets alone are more likely part of a name. */
function mayMatchNothing(name: string): boolean {
  return !name.startsWith("\\") && /[*?{]/.test(name);
}
