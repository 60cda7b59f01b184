import { isSecret } from "@statewave-connectors/connector-sdk/secrets";
import { isTable } from "@statewave-connectors/connector-sdk/schema";
import { newTable, type Table } from "./parse-toml.ts";
import type { ProblemList } from "../check/problems.ts";
import { maxDepth, type TomlPath } from "./toml-path.ts";

/** The paths of keys that are there and undefined, as an environment variable that is not set leaves them. */
export function undefinedPaths(value: unknown, path: TomlPath = [], seen = new Set<object>()): readonly TomlPath[] {
  if (value === undefined) return [path];
  if (!isContainer(value) || seen.has(value) || path.length > maxDepth) return [];
  seen.add(value);
  const entries: readonly [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : readableEntries(value);
  return entries.flatMap(([key, inner]) => undefinedPaths(inner, [...path, key], seen));
}

/** A configuration object as the tables of a file. A value that no file can express becomes a problem at its path. */
export function objectToTable(root: object, problems: ProblemList): Table {
  return copyTable(wellShaped(root, problems), [], problems, [root]);
}

function copyTable(table: object, path: TomlPath, problems: ProblemList, outer: readonly object[]): Table {
  const copy = newTable();
  for (const [key, value] of readableEntries(table, noteUnreadable(path, problems))) {
    if (value !== undefined) copy[key] = copyValue(value, [...path, key], problems, [...outer, table]);
  }
  return copy;
}

function copyValue(value: unknown, path: TomlPath, problems: ProblemList, outer: readonly object[]): unknown {
  if (isContainer(value)) {
    if (outer.includes(value) || outer.length > maxDepth) {
      problems.add(path.slice(0, 4), outer.includes(value) ? "refers to itself" : `nested deeper than ${maxDepth} levels`);
      return undefined;
    }
    if (!Array.isArray(value)) return copyTable(value, path, problems, outer);
    return value.map((item: unknown, index) => copyValue(item, [...path, index], problems, [...outer, value]));
  }
  if (typeof value === "bigint" && Number.isSafeInteger(Number(value))) return Number(value);
  if (["string", "number", "boolean", "bigint"].includes(typeof value) || value instanceof Date || isSecret(value)) return value;
  const hint =
    value === null || value === undefined ? "leave the key out" : "write text, a number, true or false, a list or an object";
  problems.add(path, `expected a value that a file can hold, got ${nameOf(value)}`, hint);
  return undefined;
}

/** The entries of an object, without those whose getter throws. */
function readableEntries(
  table: object,
  onUnreadable: (key: string, error: unknown) => void = () => undefined,
): [string, unknown][] {
  return Object.keys(table).flatMap((key): [string, unknown][] => {
    try {
      return [[key, Reflect.get(table, key)]];
    } catch (error) {
      onUnreadable(key, error);
      return [];
    }
  });
}

/** What a getter threw may quote a secret: it is kept as the cause alone. */
function noteUnreadable(path: TomlPath, problems: ProblemList): (key: string, error: unknown) => void {
  return (key, error) => {
    problems.add([...path, key], "cannot be read: its getter throws", "pass a plain value");
    problems.causes.push(error);
  };
}

function isContainer(value: unknown): value is object {
  return Array.isArray(value) || (isTable(value) && isPlain(value));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

/** What something is, without its content, which may be a secret. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object") return `a ${typeof value}`;
  return isPlain(value) ? "an object" : `a ${value.constructor.name}`;
}

/** The keys that have the shape of a file's tables. Others are left out and become problems that show code, not TOML. */
function wellShaped(root: object, problems: ProblemList): Table {
  const kept = newTable();
  for (const [key, value] of readableEntries(root, noteUnreadable([], problems))) {
    if (value === undefined) continue;
    if (key === "connectors" && !isPackageNames(value)) {
      const hint = "pass connector objects as an option: parseConfig(config, { connectors: [connector] })";
      problems.add([key], "expected the names of packages by kind", hint);
    } else if (!tableKeys.has(key)) kept[key] = value;
    else if (!isTable(value) || !isPlain(value)) problems.add([key], `expected an object, got ${nameOf(value)}`, exampleOf(key));
    else kept[key] = key === "pull" || key === "push" ? entryLists(key, value, problems) : value;
  }
  return kept;
}

const tableKeys: ReadonlySet<string> = new Set(["statewave", "runner", "connectors", "pull", "push"]);

function isPackageNames(value: unknown): boolean {
  return isTable(value) && Object.values(value).every((name) => name === undefined || typeof name === "string");
}

function entryLists(direction: string, kinds: Table, problems: ProblemList): Table {
  const kept = newTable();
  for (const [kind, list] of readableEntries(kinds, noteUnreadable([direction], problems))) {
    const isList = Array.isArray(list) && list.every((entry) => isTable(entry) && isPlain(entry));
    if (list === undefined || isList) kept[kind] = list;
    else {
      const found = Array.isArray(list) ? "a list of something else" : nameOf(list);
      problems.add([direction, kind], `expected a list of entries, got ${found}`, exampleOf(direction, kind));
    }
  }
  return kept;
}

function exampleOf(key: string, kind = "<kind>"): string {
  if (key === "statewave") return 'write statewave: { url: "https://…" }';
  if (key === "runner") return "write runner: { port: 3000 }";
  return `write ${key}: { ${JSON.stringify(kind)}: [{ name: "…" }] }`;
}
