import { type Fields, toFields } from "@statewave-connectors/connector-sdk/items";
import { oneLine, shorten } from "@statewave-connectors/connector-sdk/text";

const maxTitleLength = 200;
const maxValueLength = 500;
const maxItems = 50;
const maxDepth = 3;

/** What a document says of itself before its text. Every value is as written, on one line. */
export interface Frontmatter {
  readonly title?: string;
  readonly description?: string;
  readonly date?: string;
  readonly tags?: readonly string[];
  readonly aliases?: readonly string[];
  /** All else, by its name. */
  readonly others?: Readonly<Record<string, string>>;
}

/** The fields that have a meaning, under whatever spelling in upper and lower case, and all others as text. */
export function pickFields(fields: Fields): Frontmatter {
  const rest = new Map(Object.entries(fields).slice(0, maxItems));
  const take = (name: string): unknown => {
    const key = [...rest.keys()].find((candidate) => candidate.toLowerCase() === name);
    const value = key === undefined ? undefined : rest.get(key);
    if (key !== undefined) rest.delete(key);
    return value;
  };
  const title = textOf(take("title"), maxTitleLength);
  const description = textOf(take("description")) ?? textOf(take("summary"));
  const date = textOf(take("date"));
  const tags = listOf(take("tags") ?? toFields(rest.get("taxonomies"))?.["tags"]);
  const aliases = listOf(take("aliases") ?? take("alias"));
  const others = [...rest].flatMap(([name, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [[shorten(oneLine(name), maxTitleLength), text] as const];
  });
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...(date === undefined ? {} : { date }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(others.length === 0 ? {} : { others: Object.fromEntries(others) }),
  };
}

/** `tags: [a, b]` and `tags: a, b` are both in use. */
function listOf(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : (textOf(value) ?? "").split(",");
  return items
    .slice(0, maxItems)
    .map((item) => textOf(item, maxTitleLength))
    .filter((item) => item !== undefined);
}

/** How YAML writes that there is no value. */
const noValue: ReadonlySet<string> = new Set(["", "~", "null", "Null", "NULL"]);

function textOf(value: unknown, maxLength = maxValueLength): string | undefined {
  const line = shorten(oneLine(written(value, 0)), maxLength);
  return noValue.has(line) ? undefined : line;
}

/** A value as it may have been written: lists with commas, tables as `name: value`. */
function written(value: unknown, depth: number): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null || depth >= maxDepth) return "";
  const parts = Array.isArray(value)
    ? value.slice(0, maxItems).map((item) => written(item, depth + 1))
    : Object.entries(value)
        .slice(0, maxItems)
        .map(([name, item]) => `${name}: ${written(item, depth + 1)}`);
  return parts.filter((part) => part !== "").join(", ");
}
