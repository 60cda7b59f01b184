import { stringify } from "smol-toml";
import { passwordsOf } from "@statewave-connectors/connector-sdk/options";
import { describeOptions, isTable, optionKeys, type OptionPath, visitOptions } from "@statewave-connectors/connector-sdk/schema";
import { pullEntryTable, pushEntryTable } from "../schema/entry-tables.ts";
import type { Table } from "../toml/parse-toml.ts";

export interface EntryToWrite {
  readonly direction: "pull" | "push";
  readonly kind: string;
  /** With `${…}` as they were written. */
  readonly table: Table;
  /** Of the connector's own options. */
  readonly schema: unknown;
  /** See `NamedConnector`. */
  readonly override?: string | undefined;
}

export interface WrittenEntry {
  /** What to put into the configuration file. */
  readonly toml: string;
  /** The variables that stand for secrets which were written as text. */
  readonly newVariables: readonly string[];
}

/** The keys that every entry has, none of them secret. */
const commonKeys = new Set([...(optionKeys(pullEntryTable) ?? []), ...(optionKeys(pushEntryTable) ?? [])]);

/** An entry as the file may hold it: a secret is a reference, whatever was written in its place. */
export function writeEntry({ direction, kind, table, schema, override }: EntryToWrite): WrittenEntry {
  const { table: entry, variables } = withReferences(table, schema, (path) => variableOf(kind, path));
  const connectors = override === undefined ? {} : { connectors: { [kind]: override } };
  return {
    toml: stringify({ ...connectors, [direction]: { [kind]: [entry] } }),
    newVariables: variables.map(({ name }) => name),
  };
}

/** A variable that stands for a text which must not be in a file. */
export interface SecretVariable {
  readonly name: string;
  readonly value: string;
  /** Of the option in its table. */
  readonly path: OptionPath;
}

/** A table with references in the place of its secrets, and of the passwords in its URLs. */
export function withReferences(
  table: Table,
  schema: unknown,
  nameOf: (path: OptionPath, value: string) => string,
): { readonly table: Table; readonly variables: readonly SecretVariable[] } {
  const variables: SecretVariable[] = [];
  const marks = new Map(visitOptions(schema, table).map(({ path, secret }) => [path.join(" "), secret === true]));
  // Which options are secret is unknown of a schema that does not show its keys.
  const isOpaque = describeOptions(schema).length === 0;
  const toReference = (text: string, path: OptionPath) => {
    const name = nameOf(path, text);
    variables.push({ name, value: text, path });
    return `\${${name}}`;
  };
  const rewrite = (value: unknown, path: OptionPath, isSecret: boolean): unknown => {
    const isHidden = isSecret || marks.get(path.join(" ")) === true;
    if (Array.isArray(value)) return value.map((item, index) => rewrite(item, [...path, index], isHidden));
    if (isTable(value))
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rewrite(inner, [...path, key], isHidden)]));
    if (typeof value !== "string") return isHidden ? toReference(String(value), path) : value;
    const reference = referenceOf(value);
    if (reference !== undefined) return isHidden ? `\${${reference}}` : value;
    return isHidden || passwordsOf(value).length > 0 ? toReference(value, path) : value;
  };
  const entry = Object.fromEntries(
    Object.entries(table).map(([key, value]) => [key, rewrite(value, [key], isOpaque && !commonKeys.has(key))]),
  );
  return { table: entry, variables };
}

/** What a value refers to that is one `${…}` and nothing else. Its default, which may be a secret, is left out. */
function referenceOf(value: string): string | undefined {
  const inner = /^\$\{([^}]+)\}$/.exec(value)?.[1];
  if (inner === undefined) return undefined;
  if (inner.startsWith("file:")) return inner === "file:" ? undefined : inner;
  const [name = ""] = inner.split(":-", 1);
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : undefined;
}

/** `token` of a `github` entry is `GITHUB_TOKEN`; the second item of a list ends with `_2`. */
export function variableOf(kind: string, path: OptionPath): string {
  const words = path.flatMap((segment) => (segment === 0 ? [] : [typeof segment === "number" ? segment + 1 : segment]));
  return [kind, ...words]
    .join("_")
    .replaceAll(/[^A-Za-z0-9_]/g, "_")
    .toUpperCase();
}
