import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { isTable } from "@statewave-connectors/connector-sdk/schema";
import type { Environment } from "../load/find-config.ts";
import { interpolate, type Lookups } from "./interpolate.ts";
import { newTable, type Table } from "../toml/parse-toml.ts";
import type { ProblemList } from "../check/problems.ts";
import { formatPath, maxDepth } from "../toml/toml-path.ts";
import { keyFault, literalFault } from "../toml/toml-values.ts";

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
  const walk = new InterpolatingWalk(baseDir, env, problems);
  return { root: walk.table(root), replaced: walk.replaced, hasDates: walk.hasDates };
}

class InterpolatingWalk {
  readonly replaced = new Set<string>();
  hasDates = false;
  readonly #env: Environment | undefined;
  readonly #problems: ProblemList;
  readonly #lookups: Lookups;
  /** Of the latest reference that was empty. */
  #emptySources: readonly string[] = [];
  /** One path that grows and shrinks with the walk: most values hold no reference and need no path. */
  readonly #path: (string | number)[] = [];

  constructor(baseDir: string, env: Environment | undefined, problems: ProblemList) {
    this.#env = env;
    this.#problems = problems;
    this.#lookups = {
      variable: (name) => (env !== undefined && Object.hasOwn(env, name) ? env[name] : undefined),
      file: (path) => readSecret(resolve(baseDir, path)),
    };
  }

  table(table: Table): Table {
    const copy = newTable();
    for (const key of Object.keys(table)) {
      const fault = keyFault(key);
      if (fault !== undefined) this.#problems.add([...this.#path, key], fault.message, fault.hint);
      const value = this.#below(key, table[key]);
      if (value !== undefined) copy[key] = value;
    }
    return copy;
  }

  #below(key: string | number, value: unknown): unknown {
    this.#path.push(key);
    const result = this.#value(value);
    this.#path.pop();
    return result;
  }

  #value(value: unknown): unknown {
    if (typeof value === "string") return this.#env !== undefined && value.includes("$") ? this.#reference(value) : value;
    if (!Array.isArray(value) && !isTable(value)) return this.#literal(value);
    if (this.#path.length > maxDepth) {
      this.#problems.add(this.#path.slice(0, 4), `nested deeper than ${maxDepth} levels`);
      return undefined;
    }
    return Array.isArray(value) ? this.#list(value) : this.table(value);
  }

  /** Undefined when all of its items are references that are empty. */
  #list(list: readonly unknown[]): unknown[] | undefined {
    const items: unknown[] = [];
    for (const item of list) {
      const value = this.#below(items.length, item);
      if (value !== undefined) items.push(value);
    }
    if (items.length > 0 || list.length === 0) return items;
    this.#problems.noteEmpty([...this.#path], this.#emptySources);
    return undefined;
  }

  #literal(value: unknown): unknown {
    if (value instanceof Date) this.hasDates = true;
    const fault = literalFault(value);
    if (fault !== undefined) this.#problems.add([...this.#path], fault.message, fault.hint);
    // No schema and no printer has to know of 64-bit integers: the problem ends the load.
    return typeof value === "bigint" ? Number(value) : value;
  }

  #reference(text: string): string | undefined {
    const sources: string[] = [];
    const result = interpolate(text, this.#lookups, sources);
    for (const fault of result.faults) this.#problems.add([...this.#path], fault.message, fault.hint);
    if (result.replaced && result.text.trim() === "") {
      this.#emptySources = sources;
      this.#problems.noteEmpty([...this.#path], sources);
      return undefined;
    }
    if (result.replaced) {
      this.replaced.add(formatPath(this.#path));
      this.#problems.noteOrigin([...this.#path], sources);
    }
    return result.text;
  }
}

/** The content without one trailing newline. The path may be shown, because it is written in the file; the content may not. */
function readSecret(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`there is no file ${path}`);
  // Pipes and devices may never end.
  if (!found.isFile()) throw new Error(`${path} is not a regular file`);
  if (found.size > maxSecretBytes) throw new Error(`${path} is larger than ${maxSecretBytes} bytes`);
  return readFileSync(path, "utf8").replace(/\r?\n$/, "");
}
