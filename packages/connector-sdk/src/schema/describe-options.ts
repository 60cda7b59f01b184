import { metadataOf, secretMarkOf } from "./metadata.ts";
import { asNode, layersOf } from "./schema-node.ts";

/** A row of an options table, read from a schema. */
export interface OptionDescription {
  readonly key: string;
  /** In words of the file, e.g. `string`, `list of strings`, `"json" or "text"`, `duration`. */
  readonly type: string;
  readonly required: boolean;
  /** As it would stand in the file; absent when there is none. */
  readonly defaultText?: string;
  readonly secret: boolean;
  /** From `v.description()` or `v.metadata({ description })`; empty when the schema says nothing. */
  readonly description: string;
  /** The first of `v.examples()`: a value of the right form, for a first file. */
  readonly example?: unknown;
  /** Marked `v.metadata({ suggested: true })`: optional, and in a first entry all the same. */
  readonly suggested?: boolean;
  /** From `v.metadata({ aliases })`: other names by which flags and variables may call it. */
  readonly aliases?: readonly string[];
}

/** The options of a valibot object schema, in its order; none for schemas that do not show their keys. */
export function describeOptions(schema: unknown): readonly OptionDescription[] {
  return Object.entries(asNode(schema).entries ?? {}).map(([key, entry]) => describeOption(key, entry));
}

/** Those that a first entry states: what must be given, and what the schema suggests. */
export function starterOptions(schema: unknown): readonly OptionDescription[] {
  return describeOptions(schema).filter(({ required, suggested = false }) => required || suggested);
}

function describeOption(key: string, entry: unknown): OptionDescription {
  const layers = layersOf(entry);
  const marks = layers.flatMap(metadataOf);
  const text = (name: string) => marks.map((mark) => mark[name]).find((value) => typeof value === "string");
  const list = (name: string) => marks.map((mark) => mark[name]).find(Array.isArray);
  const example: unknown = list("examples")?.[0];
  const aliases = list("aliases")?.filter((alias) => typeof alias === "string");
  const isOptional = layers.some((node) => optionalTypes.has(node.type));
  const fallback = layers.map((node) => node.default).find((value) => value !== undefined && typeof value !== "function");
  return {
    key,
    type: text("type") ?? typeOf(layers.at(-1)),
    required: !isOptional,
    ...(fallback !== undefined && { defaultText: toToml(fallback) }),
    secret: secretMarkOf(entry) === true,
    description: text("description") ?? "",
    ...(example !== undefined && { example }),
    ...(marks.some((mark) => mark["suggested"] === true) && { suggested: true }),
    ...(aliases !== undefined && { aliases }),
  };
}

const optionalTypes = new Set<unknown>(["optional", "exact_optional", "nullish", "nullable", "undefinedable"]);

function typeOf(schema: unknown): string {
  const node = asNode(schema);
  switch (node.type) {
    case "string":
    case "number":
    case "boolean":
    case "date":
      return node.type;
    case "picklist":
      return orList((node.options ?? []).map((option) => toToml(option)));
    case "literal":
      return toToml(node.literal);
    case "array":
      return `list of ${plural(typeOf(node.item))}`;
    case "record":
      return `table of ${plural(typeOf(node.value))}`;
    case "union":
      return orList([...new Set((node.options ?? []).map((option) => typeOf(option)))]);
    case "object":
    case "strict_object":
    case "loose_object":
    case "object_with_rest":
    case "variant":
    case "intersect":
      return "table";
    default:
      return node.wrapped === undefined ? "value" : typeOf(node.wrapped);
  }
}

function plural(type: string): string {
  return /^[a-z]+$/.test(type) ? `${type}s` : type;
}

function orList(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} or ${items.at(-1)!}`;
}

function toToml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => toToml(item)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? String(value);
  const pairs = Object.entries(value).map(([key, inner]) => `${key} = ${toToml(inner)}`);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}
