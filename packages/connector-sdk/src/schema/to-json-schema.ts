import { metadataOf, secretMarkOf } from "./metadata.ts";
import { portablePattern } from "./portable-pattern.ts";
import { asNode, type SchemaNode } from "./schema-node.ts";

/** A JSON Schema of draft 7. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/**
 * What a table of the file may hold, for an editor: keys, types, descriptions, defaults. It is never stricter than the schema: what JSON Schema
 * cannot say is left out, and a reference `${…}` may stand wherever a value may.
 */
export function toJsonSchema(schema: unknown): JsonSchema {
  return convert(schema, false);
}

function convert(schema: unknown, isBelowSecret: boolean): JsonSchema {
  const node = asNode(schema);
  const isSecret = isBelowSecret || secretMarkOf(node) === true;
  const { pipe } = node;
  if (pipe === undefined) return orReference(ofType(node, isSecret));
  const taken = constrained(withoutReference(convert(pipe[0], isSecret)), checksOf(pipe));
  const isWhole = taken["type"] === "number" && noteOf(node, "type") === "integer";
  return withNotes(orReference(isWhole ? { ...taken, type: "integer" } : taken), node, isSecret);
}

function ofType(node: SchemaNode, isSecret: boolean): JsonSchema {
  const type = String(node.type);
  if (node.wrapped !== undefined) return wrapped(node, isSecret);
  if (type in scalarTypes) return { type: scalarTypes[type] };
  switch (type) {
    case "literal":
      return { const: node.literal };
    case "picklist":
    case "enum":
      return { enum: node.options ?? [] };
    case "array":
      return { type: "array", items: convert(node.item, isSecret) };
    case "record":
      return { type: "object", additionalProperties: convert(node.value, isSecret) };
    case "object":
    case "strict_object":
    case "loose_object":
    case "object_with_rest":
      return ofTable(node);
    case "union":
    case "variant":
      return anyOf((node.options ?? []).map((option) => convert(option, isSecret)));
    case "intersect":
      return mergeTables((node.options ?? []).map((option) => convert(option, isSecret)));
    default:
      // A secret is a text, whatever its schema makes of it.
      return isSecret ? { type: "string" } : {};
  }
}

const scalarTypes: Readonly<Record<string, string>> = {
  string: "string",
  number: "number",
  bigint: "integer",
  boolean: "boolean",
  // Editors see a date of TOML as text.
  date: "string",
};

function wrapped(node: SchemaNode, isSecret: boolean): JsonSchema {
  const inner = convert(node.wrapped, isSecret);
  const fallback = node.default;
  const isShown = !isSecret && fallback !== undefined && typeof fallback !== "function";
  return isShown ? { ...inner, default: fallback } : inner;
}

function ofTable({ type, entries = {}, rest }: SchemaNode): JsonSchema {
  const keys = Object.keys(entries);
  const required = keys.filter((key) => !isOptional(entries[key]));
  const others = type === "loose_object" || (type === "object_with_rest" ? convert(rest, false) : false);
  return {
    type: "object",
    properties: Object.fromEntries(keys.map((key) => [key, convert(entries[key], false)])),
    ...(required.length > 0 && { required }),
    additionalProperties: others,
  };
}

const optionalTypes = new Set<unknown>(["optional", "exact_optional", "nullish", "nullable", "undefinedable"]);

function isOptional(schema: unknown): boolean {
  const node = asNode(schema);
  return optionalTypes.has(node.type) || (node.wrapped !== undefined && isOptional(node.wrapped));
}

/** One table with the keys of all. Anything else takes any value. */
export function mergeTables(tables: readonly JsonSchema[]): JsonSchema {
  if (tables.length === 0 || !tables.every((table) => table["type"] === "object" && typeof table["properties"] === "object"))
    return {};
  const required = tables.flatMap((table) => (Array.isArray(table["required"]) ? (table["required"] as readonly unknown[]) : []));
  return {
    type: "object",
    properties: Object.assign({}, ...tables.map((table) => table["properties"])),
    ...(required.length > 0 && { required: [...new Set(required)] }),
    additionalProperties: !tables.every((table) => table["additionalProperties"] === false),
  };
}

function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  // What takes anything makes the others pointless.
  if (schemas.some((schema) => Object.keys(schema).length === 0)) return {};
  const different = new Map(schemas.flatMap(alternativesOf).map((schema) => [JSON.stringify(schema), schema]));
  const [first, ...others] = different.values();
  if (first === undefined) return {};
  return others.length === 0 ? first : { anyOf: [first, ...others] };
}

function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  return Array.isArray(schema["anyOf"]) && Object.keys(schema).length === 1
    ? (schema["anyOf"] as readonly JsonSchema[])
    : [schema];
}

const reference: JsonSchema = { type: "string", pattern: String.raw`\$\{` };

/** A value of any type may be written as a reference, which is a text. */
function orReference(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema);
  const core = Object.fromEntries(entries.filter(([keyword]) => !notes.has(keyword)));
  const isText = ["string", "object", "array"].includes(String(core["type"]));
  if (isText || Object.keys(core).length === 0) return schema;
  return { ...Object.fromEntries(entries.filter(([keyword]) => notes.has(keyword))), ...anyOf([core, reference]) };
}

/** What is said of a value, and decides nothing. */
const notes: ReadonlySet<string> = new Set(["description", "default", "examples", "writeOnly"]);

/** The schema before `orReference`, where it had one alternative. */
function withoutReference(schema: JsonSchema): JsonSchema {
  const { anyOf: alternatives, ...rest } = schema;
  if (!Array.isArray(alternatives) || alternatives.length !== 2 || !isReference(alternatives[1])) return schema;
  return { ...rest, ...(alternatives[0] as JsonSchema) };
}

function isReference(schema: unknown): boolean {
  return typeof schema === "object" && schema !== null && "pattern" in schema && schema.pattern === reference["pattern"];
}

/** What a pipe checks of the value as it is written, before anything is made of it. */
function checksOf(pipe: readonly unknown[]): readonly SchemaNode[] {
  const [first, ...steps] = pipe.map(asNode);
  if (first === undefined || transforms(first)) return [];
  const end = steps.findIndex(({ kind }) => kind === "transformation" || kind === "schema");
  return (end === -1 ? steps : steps.slice(0, end)).filter(({ kind }) => kind === "validation");
}

function transforms(node: SchemaNode): boolean {
  const inPipe = (node.pipe ?? []).some(
    (step, at) => asNode(step).kind === "transformation" || (at > 0 && asNode(step).kind === "schema"),
  );
  return (
    inPipe ||
    (node.pipe?.[0] !== undefined && transforms(asNode(node.pipe[0]))) ||
    (node.wrapped !== undefined && transforms(asNode(node.wrapped)))
  );
}

function constrained(schema: JsonSchema, checks: readonly SchemaNode[]): JsonSchema {
  const narrowed = { ...schema };
  for (const check of checks) Object.assign(narrowed, keywordsOf(check, narrowed["type"]));
  return narrowed;
}

function keywordsOf({ type, requirement }: SchemaNode, of: unknown): JsonSchema {
  switch (of) {
    case "string":
      return textKeywords(type, requirement);
    case "number":
    case "integer":
      if (type === "integer" || type === "safe_integer") return { type: "integer" };
      if (typeof requirement !== "number") return {};
      return type === "min_value" ? { minimum: requirement } : type === "max_value" ? { maximum: requirement } : {};
    case "array":
      if (type === "non_empty") return { minItems: 1 };
      if (typeof requirement !== "number") return {};
      return type === "min_length" ? { minItems: requirement } : type === "max_length" ? { maxItems: requirement } : {};
    default:
      return {};
  }
}

/** A reference has another length than its value, and passes every pattern. */
function textKeywords(type: unknown, requirement: unknown): JsonSchema {
  if (type === "non_empty" || (type === "min_length" && typeof requirement === "number" && requirement > 0))
    return { minLength: 1 };
  const source = type === "regex" && requirement instanceof RegExp ? portablePattern(requirement) : undefined;
  return source === undefined ? {} : { pattern: String.raw`(?:${source})|\$` };
}

function withNotes(schema: JsonSchema, node: SchemaNode, isSecret: boolean): JsonSchema {
  const [description, examples] = [noteOf(node, "description"), noteOf(node, "examples")];
  const said = typeof description === "string" && description !== "" ? { description } : {};
  const { anyOf: alternatives } = schema;
  return {
    ...said,
    ...schema,
    // Editors offer an alternative with its own description.
    ...(Array.isArray(alternatives) && { anyOf: alternatives.map((each: JsonSchema) => ({ ...said, ...each })) }),
    ...(Array.isArray(examples) && !isSecret && { examples }),
    ...(isSecret && { writeOnly: true }),
  };
}

function noteOf(node: SchemaNode, name: string): unknown {
  return metadataOf(node)
    .map((mark) => mark[name])
    .find((value) => value !== undefined);
}
