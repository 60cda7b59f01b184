/**
 * The messages that stand in a valibot schema as texts, so that they cannot quote the value they are about. Schemas of other libraries
 * show none.
 */
export function fixedMessagesOf(schema: unknown): ReadonlySet<string> {
  const messages = new Set<string>();
  collect(schema, messages, new Set());
  return messages;
}

function collect(part: unknown, messages: Set<string>, seen: Set<object>): void {
  // Schemas may hold themselves.
  if (typeof part !== "object" || part === null || seen.has(part)) return;
  seen.add(part);
  const { message, entries, options, pipe, wrapped, item, key, value, rest }: SchemaParts = part;
  if (typeof message === "string") messages.add(message);
  const parts = [wrapped, item, key, value, rest, ...(options ?? []), ...(pipe ?? []), ...Object.values(entries ?? {})];
  for (const inner of parts) collect(inner, messages, seen);
}

/** What valibot's schemas and the steps of their pipes are made of, as far as it leads to a message. */
interface SchemaParts {
  readonly message?: unknown;
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly unknown[];
  readonly wrapped?: unknown;
  readonly item?: unknown;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly rest?: unknown;
}
