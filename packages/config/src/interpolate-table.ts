import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Environment } from "./find-config.ts";
import { interpolate, type Lookups } from "./interpolate.ts";
import { isTable, newTable, type Table } from "./parse-toml.ts";
import type { ProblemList } from "./problems.ts";
import { formatPath, maxDepth } from "./toml-path.ts";
import { keyFault, literalFault } from "./toml-values.ts";

/** The values of a file with every `${…}` replaced. */
export interface InterpolatedFile {
  readonly root: Table;
  /** Paths whose string came from a `${…}`: printed as `***`, and read as a number or boolean where one is wanted. */
  readonly replaced: ReadonlySet<string>;
  /** Whether it contains an unquoted date. */
  readonly hasDates: boolean;
}

/** A mounted secret is small; a path that leads to a device or a log by mistake must not fill the memory. */
const maxSecretBytes = 1024 * 1024;

/**
 * Replaces `${…}` in every string of the file, not in keys; without an environment in none. Faults become problems at their paths, also
 * those of keys and literals that TOML allows and no option accepts. An option whose references are all empty is left out.
 */
export function interpolateTable(
  root: Table,
  baseDir: string,
  env: Environment | undefined,
  problems: ProblemList,
): InterpolatedFile {
  const replaced = new Set<string>();
  let hasDates = false;
  // The sources of the references in one text, in words.
  let sources: string[] = [];
  const lookups: Lookups = {
    variable(name) {
      sources.push(`the environment variable ${name}`);
      return env !== undefined && Object.hasOwn(env, name) ? env[name] : undefined;
    },
    file(path) {
      sources.push(`the file ${path}`);
      return readSecret(resolve(baseDir, path));
    },
  };

  // One path that grows and shrinks with the walk: most values hold no reference and need no path.
  const path: (string | number)[] = [];
  const visitBelow = (key: string | number, value: unknown): unknown => {
    path.push(key);
    const result = visit(value);
    path.pop();
    return result;
  };
  const visit = (value: unknown): unknown => {
    if (typeof value === "string") return env !== undefined && value.includes("$") ? visitReference(value) : value;
    if (!Array.isArray(value) && !isTable(value)) return visitLiteral(value);
    if (path.length > maxDepth) {
      problems.add(path.slice(0, 4), `nested deeper than ${maxDepth} levels`);
      return undefined;
    }
    return Array.isArray(value) ? visitList(value) : visitTable(value);
  };
  /** Undefined when all of its items are references that are empty. */
  const visitList = (list: readonly unknown[]): unknown[] | undefined => {
    const items: unknown[] = [];
    for (const item of list) {
      const visited = visitBelow(items.length, item);
      if (visited !== undefined) items.push(visited);
    }
    if (items.length > 0 || list.length === 0) return items;
    problems.noteEmpty([...path], sources);
    return undefined;
  };
  const visitTable = (table: Table): Table => {
    const copy = newTable();
    for (const key of Object.keys(table)) {
      const fault = keyFault(key);
      if (fault !== undefined) problems.add([...path, key], fault.message, fault.hint);
      const visited = visitBelow(key, table[key]);
      if (visited !== undefined) copy[key] = visited;
    }
    return copy;
  };
  const visitLiteral = (value: unknown): unknown => {
    if (value instanceof Date) hasDates = true;
    const fault = literalFault(value);
    if (fault !== undefined) problems.add([...path], fault.message, fault.hint);
    // No schema and no printer has to know of 64-bit integers: the problem ends the load.
    return typeof value === "bigint" ? Number(value) : value;
  };
  const visitReference = (text: string): string | undefined => {
    sources = [];
    const result = interpolate(text, lookups);
    for (const fault of result.faults) problems.add([...path], fault.message, fault.hint);
    if (result.replaced && result.text.trim() === "") {
      problems.noteEmpty([...path], sources);
      return undefined;
    }
    if (result.replaced) replaced.add(formatPath(path));
    return result.text;
  };

  return { root: visitTable(root), replaced, hasDates };
}

/** The content without one trailing newline. The path may be shown: it stands in the file, the content does not. */
function readSecret(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`there is no file ${path}`);
  // Pipes and devices may never end.
  if (!found.isFile()) throw new Error(`${path} is not a regular file`);
  if (found.size > maxSecretBytes) throw new Error(`${path} is larger than ${maxSecretBytes} bytes`);
  return readFileSync(path, "utf8").replace(/\r?\n$/, "");
}
