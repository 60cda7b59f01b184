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
  readonly getter?: (input: unknown) => unknown;
}

const nothing: SchemaNode = {};

/** What `schema` shows of itself; nothing when it is not an object. */
export function asNode(schema: unknown): SchemaNode {
  return typeof schema === "object" && schema !== null ? schema : nothing;
}
