import { isTable } from "./is-table.ts";
import { type SecretMark, secretMarkOf, strongest } from "./metadata.ts";
import { asNode, type SchemaNode } from "./schema-node.ts";

/** Where an option stands: table keys and list indexes, outermost first. */
export type OptionPath = readonly (string | number)[];

/** What is known of a value from the schemas that it may be checked by. */
export interface OptionVisit {
  readonly path: OptionPath;
  readonly value: unknown;
  /** Marked `v.metadata({ secret: true })`, or `"url"`: everything below it is secret, too, and not visited. */
  readonly secret: SecretMark;
  /** Present when no schema knows the key: the keys it could have been. */
  readonly knownKeys?: readonly string[];
}

/** Walks a value beside its schema: every secret and every unknown key, at any depth. Anything else is not reported. */
export function visitOptions(schema: unknown, value: unknown): readonly OptionVisit[] {
  const visits: OptionVisit[] = [];
  visit(alternatives(schema, value), value, [], visits);
  return visits;
}

function visit(schemas: readonly SchemaNode[], value: unknown, path: OptionPath, visits: OptionVisit[]): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) descend(schemas.map(itemOf), item, [...path, index], visits);
    return;
  }
  if (!isTable(value)) return;
  const knownKeys = schemas.every((node) => isClosed(node))
    ? schemas.flatMap((node) => Object.keys(node.entries ?? {}))
    : undefined;
  for (const key of Object.keys(value)) {
    const below = schemas.map((node) => entryOf(node, key)).filter((schema) => schema !== undefined);
    if (below.length > 0) descend(below, value[key], [...path, key], visits);
    else if (knownKeys !== undefined && schemas.length > 0) {
      visits.push({ path: [...path, key], value: value[key], secret: false, knownKeys });
    }
  }
}

function descend(schemas: readonly unknown[], value: unknown, path: OptionPath, visits: OptionVisit[]): void {
  const secret = strongest(schemas.map(secretMarkOf));
  if (secret !== false) {
    visits.push({ path, value, secret });
    return;
  }
  // Only tables have keys, and only lists may have tables in them.
  if (!isTable(value) && !Array.isArray(value)) return;
  visit(
    schemas.flatMap((schema) => alternatives(schema, value)),
    value,
    path,
    visits,
  );
}

/** The schemas behind wrappers, unions and variants that may apply to `value`. */
function alternatives(schema: unknown, value: unknown): readonly SchemaNode[] {
  const node = asNode(schema);
  if (node.wrapped !== undefined) return alternatives(node.wrapped, value);
  if (node.type === "lazy" && node.getter !== undefined) return alternatives(node.getter(value), value);
  if (node.type === "variant" && typeof node.key === "string") {
    const { key, options = [] } = node;
    const matching = options.filter((option) => discriminates(option, key, value));
    return (matching.length > 0 ? matching : options).flatMap((option) => alternatives(option, value));
  }
  if (node.type === "intersect") return [merged((node.options ?? []).flatMap((option) => alternatives(option, value)))];
  if (node.type === "union") {
    const fitting = (node.options ?? []).flatMap((option) => alternatives(option, value)).filter((option) => fits(option, value));
    return fitting;
  }
  return [node];
}

/** In a union of, say, a string and a table, only the table says something about a table. */
function fits(node: SchemaNode, value: unknown): boolean {
  if (isTable(value)) return node.entries !== undefined || !leafTypes.has(String(node.type));
  return !Array.isArray(value) || node.item !== undefined;
}

const leafTypes = new Set(["string", "number", "boolean", "bigint", "literal", "picklist", "null", "undefined", "array", "date"]);

function discriminates(option: unknown, key: string, value: unknown): boolean {
  const entry = asNode(asNode(option).entries?.[key]);
  return isTable(value) && entry.literal === value[key];
}

/** Sides of an intersection each know a part of the keys. */
function merged(nodes: readonly SchemaNode[]): SchemaNode {
  if (!nodes.every((node) => isClosed(node)))
    return { type: "loose_object", entries: Object.assign({}, ...nodes.map((n) => n.entries)) };
  return { type: "object", entries: Object.assign({}, ...nodes.map((node) => node.entries)) };
}

/** Whether a table may have no other keys than the schema's. */
function isClosed(node: SchemaNode): boolean {
  return node.entries !== undefined && node.type !== "loose_object" && node.type !== "object_with_rest";
}

function entryOf(node: SchemaNode, key: string): unknown {
  if (node.entries !== undefined && Object.hasOwn(node.entries, key)) return node.entries[key];
  if (node.type === "record") return node.value;
  return node.type === "object_with_rest" ? node.rest : undefined;
}

function itemOf(node: SchemaNode): unknown {
  return node.item;
}
