import { asNode, partsOf } from "./schema-node.ts";

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
  const { message } = asNode(part);
  if (typeof message === "string") messages.add(message);
  for (const inner of partsOf(part)) collect(inner, messages, seen);
}
