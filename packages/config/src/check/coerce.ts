import type { ConfigSchema } from "@statewave-connectors/connector-sdk";
import { isTable, issuePath, leavesOf, type SchemaIssue, type SchemaResult } from "@statewave-connectors/connector-sdk/schema";
import { newTable, type Table } from "../toml/parse-toml.ts";
import { formatPath, type Placement, type TomlPath } from "../toml/toml-path.ts";

/** Runs a Standard Schema, synchronous or not. */
export async function runSchema<Output>(schema: ConfigSchema<Output>, value: unknown): Promise<SchemaResult<Output>> {
  return schema["~standard"].validate(value);
}

/**
 * Gives strings that came from a `${…}` a second chance as the number or boolean that the schema wants. Only where the schema refuses
 * the string: a token "12345" stays a string. Answers the schema's last word, and the table as it was read then.
 */
export async function coerceReplaced<Output>(
  schema: ConfigSchema<Output>,
  table: Table,
  issues: readonly SchemaIssue[],
  placeOf: Placement,
  replaced: ReadonlySet<string>,
): Promise<{ readonly result: SchemaResult<Output>; readonly table: Table }> {
  let current: Table = table;
  let result: SchemaResult<Output> = { issues };
  const tried = new Set<string>();
  for (;;) {
    const attempt = nextAttempt(current, result, placeOf, replaced, tried);
    if (attempt === undefined) return { result, table: current };
    tried.add(formatPath(attempt.path));
    const changed = withValue(current, attempt.path, attempt.converted);
    const outcome = await runSchema(schema, changed);
    if (!isWanted(attempt, outcome)) continue;
    current = changed;
    result = outcome;
    if (result.issues === undefined) return { result, table: current };
  }
}

interface Attempt {
  readonly path: TomlPath;
  readonly converted: number | boolean;
  readonly issue: SchemaIssue;
}

/** The next refused string that reads as a number or boolean and was not tried before. */
function nextAttempt(
  table: Table,
  result: SchemaResult<unknown>,
  placeOf: Placement,
  replaced: ReadonlySet<string>,
  tried: ReadonlySet<string>,
): Attempt | undefined {
  for (const issue of result.issues ?? []) {
    // An issue of a union may stand at a table whose option is meant.
    for (const leaf of leavesOf(valueAt(table, issuePath(issue)), issuePath(issue))) {
      const converted = typeof leaf.value === "string" ? convert(leaf.value) : undefined;
      if (converted === undefined || tried.has(formatPath(leaf.path))) continue;
      if (replaced.has(formatPath(placeOf(leaf.path)))) return { path: leaf.path, converted, issue };
    }
  }
  return undefined;
}

/** The issue is gone, or the schema said itself (as valibot does) that it wants this type and only minds the value. */
function isWanted(attempt: Attempt, outcome: SchemaResult<unknown>): boolean {
  const refused = formatPath(issuePath(attempt.issue));
  const gone = outcome.issues === undefined || !outcome.issues.some((issue) => formatPath(issuePath(issue)) === refused);
  const expected = "expected" in attempt.issue ? attempt.issue.expected : undefined;
  return gone || (refused === formatPath(attempt.path) && expected === typeof attempt.converted);
}

function convert(text: string): number | boolean | undefined {
  if (text === "true" || text === "false") return text === "true";
  if (!/^[+-]?\d+(\.\d+)?$/.test(text)) return undefined;
  return Number.isFinite(Number(text)) ? Number(text) : undefined;
}

function valueAt(table: Table, path: TomlPath): unknown {
  let current: unknown = table;
  for (const segment of path) {
    if (Array.isArray(current)) current = current[Number(segment)];
    else current = isTable(current) && Object.hasOwn(current, segment) ? current[segment] : undefined;
  }
  return current;
}

/** A copy with the value at an existing path replaced; what lies beside the path is shared. */
export function withValue(table: Table, path: TomlPath, replacement: unknown): Table {
  const [key, ...rest] = path;
  const copy: Table = Object.assign(newTable(), table);
  copy[String(key)] = replacedIn(copy[String(key)], rest, replacement);
  return copy;
}

function replacedIn(value: unknown, path: TomlPath, replacement: unknown): unknown {
  if (path.length === 0) return replacement;
  const [index, ...rest] = path;
  if (Array.isArray(value)) return value.with(Number(index), replacedIn(value[Number(index)], rest, replacement));
  return isTable(value) ? withValue(value, path, replacement) : value;
}
