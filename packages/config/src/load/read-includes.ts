import { readdir, realpath } from "node:fs/promises";
import { basename, dirname, relative, resolve } from "node:path";
import { distrustOf } from "../adapters/code-trust.ts";
import { listEntries } from "../check/check-entries.ts";
import { ConfigInvalidError, ProblemList } from "../check/problems.ts";
import { codeOf } from "../thrown.ts";
import { parseToml, type Table } from "../toml/parse-toml.ts";
import { findLines } from "../toml/toml-lines.ts";
import { type FoundConfig, unreadable } from "./find-config.ts";
import type { SourceFile } from "./merge-included.ts";
import { readBounded } from "./read-bounded.ts";

const mostFiles = 1_000;
const entryTables = ["pull", "push"] as const;

/** The files that a configuration includes, absolute. */
export interface IncludedFiles {
  readonly paths: readonly string[];
  readonly files: readonly SourceFile[];
}

/**
 * Reads the files that `include` names, in the order of the list, and those of one pattern by their names. Faults of the list become
 * problems. Throws `CONFIG_INVALID` for the first file that is no list of entries, `CONFIG_UNREADABLE` for one that cannot be read.
 */
export async function readIncludes(found: FoundConfig, root: Table, problems: ProblemList): Promise<IncludedFiles> {
  const { include } = root;
  if (include === undefined) return { paths: [], files: [] };
  if (!Array.isArray(include) || !include.every((pattern) => typeof pattern === "string")) {
    problems.add(["include"], "expected a list of files", 'write include = ["sources/*.toml"]');
    return { paths: [], files: [] };
  }
  const paths = new Map<string, string>();
  for (const [index, pattern] of (include as readonly string[]).entries()) {
    for (const path of await matches(found.path, pattern, (message, hint) => problems.add(["include", index], message, hint))) {
      const real = await realOf(path);
      const fault = await faultOf(found, path, real);
      if (fault !== undefined) problems.add(["include", index], fault.message, fault.hint);
      else paths.set(real, path);
    }
  }
  if (paths.size > mostFiles) {
    problems.add(
      ["include"],
      `${paths.size} files are included, which is more than ${mostFiles}`,
      "put several entries into one file",
    );
    return { paths: [], files: [] };
  }
  const files: SourceFile[] = [];
  for (const path of paths.values()) files.push(await readEntries(path, relative(dirname(found.path), path)));
  return { paths: [...paths.values()], files };
}

type AddFault = (message: string, hint: string) => void;

/** The files that a pattern names, by name. Hidden ones, which editors and mounts leave, are no match of a `*`. */
async function matches(main: string, pattern: string, addFault: AddFault): Promise<readonly string[]> {
  const folderPattern = dirname(pattern);
  const namePattern = basename(pattern);
  if (pattern.includes("${")) return refuse(addFault, "a reference is not replaced here", "write the path itself");
  if (pattern === "" || folderPattern.includes("*"))
    return refuse(addFault, "expected a file, or a folder and a pattern such as *.toml", 'write for example "sources/*.toml"');
  const folder = resolve(dirname(main), folderPattern);
  const names = await namesIn(folder);
  if (!namePattern.includes("*")) {
    if (names?.includes(namePattern) === true) return [resolve(folder, namePattern)];
    return refuse(
      addFault,
      `there is no file ${resolve(folder, namePattern)}`,
      "write the path relative to the configuration file",
    );
  }
  if (names === undefined)
    return refuse(addFault, `there is no folder ${folder}`, "write the path relative to the configuration file");
  const matching = names.filter((name) => !name.startsWith(".") && matchesPattern(name, namePattern));
  return matching.toSorted(byCodeUnits).map((name) => resolve(folder, name));
}

function refuse(addFault: AddFault, message: string, hint: string): readonly string[] {
  addFault(message, hint);
  return [];
}

function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Undefined when there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(folder, error);
  }
}

/** Whether a name has the pieces between the `*` of a pattern, in their order. */
function matchesPattern(name: string, pattern: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop() ?? "";
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}

/** A link may lead nowhere, and a file may be gone since its folder was listed. */
async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Why a file is not included. */
async function faultOf(
  found: FoundConfig,
  path: string,
  real: string,
): Promise<{ readonly message: string; readonly hint: string } | undefined> {
  if (real === (await realpath(found.path)))
    return { message: "the file includes itself", hint: "put the included files into a folder of their own" };
  const distrust = distrustOf({ path, foundBy: found.foundBy });
  return distrust && { message: `${path} is not included: ${distrust.reason}`, hint: distrust.hint };
}

/** An included file holds entries and nothing else, so that each other table stands in one place. */
async function readEntries(path: string, name: string): Promise<SourceFile> {
  const { text, root } = parseToml(await readBounded(path), path);
  const problems = new ProblemList();
  for (const key of Object.keys(root)) {
    if (key === "include")
      problems.add([key], "an included file includes no others", "list every file in the configuration file itself");
    else if (!entryTables.some((table) => table === key))
      problems.add(
        [key],
        "an included file holds only [[pull.<kind>]] and [[push.<kind>]] entries",
        "write it into the configuration file",
      );
  }
  for (const table of entryTables) listEntries(root, table, { problems, knownKinds: () => [] });
  const lineOf = findLines(text);
  if (problems.size > 0)
    throw new ConfigInvalidError(
      path,
      problems.list((at) => ({ path: at, line: lineOf(at) })),
    );
  return { name, text, root };
}
