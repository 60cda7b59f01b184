import { asNode, type SchemaNode } from "./schema-node.ts";

/** `"url"`: a URL that may hold a password. */
export type SecretMark = boolean | "url";

/** What the pipe of a schema says of it: metadata and descriptions, those of pipes inside it included. */
export function metadataOf(node: SchemaNode): readonly Readonly<Record<string, unknown>>[] {
  return (node.pipe ?? []).flatMap((step) => {
    const action = asNode(step);
    return action.kind === "metadata" ? [metadataOfAction(action)] : metadataOf(action);
  });
}

function metadataOfAction(action: SchemaNode): Readonly<Record<string, unknown>> {
  if (action.type === "description") return { description: action.description };
  return action.type === "examples" ? { examples: action.examples } : (action.metadata ?? {});
}

/** Every entry of a kind has the same schema. */
const knownMarks = new WeakMap<object, SecretMark>();

/** How a schema, a wrapper around it, an alternative or a step of its pipe is marked. */
export function secretMarkOf(schema: unknown): SecretMark {
  const node = asNode(schema);
  const own = node.kind === "metadata" ? node.metadata?.["secret"] : undefined;
  if (own === true || own === "url") return own;
  const known = knownMarks.get(node);
  if (known !== undefined) return known;
  const inner = [...(node.pipe ?? []), ...(node.options ?? []), node.wrapped, node.item].filter((part) => part !== undefined);
  const mark = strongest(inner.map(secretMarkOf));
  knownMarks.set(node, mark);
  return mark;
}

/** A value that may be checked by several schemas is as secret as any of them says. */
export function strongest(marks: readonly SecretMark[]): SecretMark {
  return marks.find((mark) => mark === true) ?? marks.find((mark) => mark === "url") ?? false;
}
