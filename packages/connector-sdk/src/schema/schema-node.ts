/**
 * The parts of a valibot schema or pipe step that say what a file may hold, and what is said of a value that it refuses. Read with care, for they are not part of Standard Schema:
 * schemas of other libraries show none of them, so nothing is known about their values; one that has `entries` is read like an object.
 */
export interface SchemaNode {
  readonly kind?: unknown;
  readonly message?: unknown;
  readonly type?: unknown;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly rest?: unknown;
  readonly wrapped?: unknown;
  readonly item?: unknown;
  readonly value?: unknown;
  readonly literal?: unknown;
  readonly key?: unknown;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly unknown[];
  readonly default?: unknown;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly description?: unknown;
  readonly examples?: readonly unknown[];
  readonly requirement?: unknown;
  readonly getter?: (input: unknown) => unknown;
}

const nothing: SchemaNode = {};

/** What `schema` shows of itself; nothing when it is not an object. */
export function asNode(schema: unknown): SchemaNode {
  return typeof schema === "object" && schema !== null ? schema : nothing;
}

/** The schemas, pipe steps and keys directly in a part of a schema. */
export function partsOf(part: unknown): readonly unknown[] {
  const { wrapped, item, key, value, rest, options, pipe, entries } = asNode(part);
  return [wrapped, item, key, value, rest, ...(options ?? []), ...(pipe ?? []), ...Object.values(entries ?? {})];
}

/** A schema and the schemas that it wraps, outermost first. */
export function layersOf(schema: unknown): readonly SchemaNode[] {
  const node = asNode(schema);
  return node.wrapped === undefined ? [node] : [node, ...layersOf(node.wrapped)];
}

/** The keys that an object schema shows, in its order; undefined for a schema that shows none. */
export function optionKeys(schema: unknown): readonly string[] | undefined {
  const { entries } = asNode(schema);
  return entries === undefined ? undefined : Object.keys(entries);
}
