import { type Fields, toFields } from "@statewave-connectors/connector-sdk/items";
import { parse } from "yaml";

/** More is no frontmatter but a document that happens to begin with a line. Characters. */
const maxFrontmatterLength = 16 * 1024;
const maxTitleLength = 200;
const maxTags = 50;

/** What a document says of itself before its text. */
export interface Frontmatter {
  readonly title?: string;
  /** As written. */
  readonly date?: string;
  readonly tags?: readonly string[];
}

export interface SplitDocument {
  readonly frontmatter: Frontmatter;
  /** There is a block between `---` that is not YAML; it stays in the body. */
  readonly isBroken: boolean;
  readonly body: string;
}

/** Takes the frontmatter off: a block of YAML between two lines `---` at the very beginning. `source` has LF line ends. */
export function splitFrontmatter(source: string): SplitDocument {
  const whole: SplitDocument = { frontmatter: {}, isBroken: false, body: source };
  const opening = /^---[ \t]*\n/.exec(source);
  if (opening === null) return whole;
  const start = opening[0].length;
  // From the line end before the block, because the block may be empty.
  const closing = /\n(?:---|\.\.\.)[ \t]*(?:\n|$)/.exec(source.slice(start - 1, start + maxFrontmatterLength));
  if (closing === null) return whole;
  const block = source.slice(start, start + closing.index);
  const body = source.slice(start - 1 + closing.index + closing[0].length);
  const fields = parseYaml(block);
  if (fields === "broken") return { ...whole, isBroken: true };
  // Plain text between two rules is text.
  return fields === "text" ? whole : { frontmatter: pickFields(fields), isBroken: false, body };
}

function parseYaml(block: string): Fields | "broken" | "text" {
  let value: unknown;
  try {
    // Every value as it is written: a version 1.10 is no number. Level "error": it throws, but prints no warnings.
    value = parse(block, { schema: "failsafe", logLevel: "error", prettyErrors: false });
  } catch {
    return "broken";
  }
  if (value === null || value === undefined) return {};
  return toFields(value) ?? "text";
}

function pickFields(fields: Fields): Frontmatter {
  const title = toLine(fields["title"]);
  const date = toLine(fields["date"]);
  const tags = toTags(fields["tags"]);
  return {
    ...(title === undefined ? {} : { title }),
    ...(date === undefined ? {} : { date }),
    ...(tags.length === 0 ? {} : { tags }),
  };
}

/** `tags: [a, b]` and `tags: a, b` are both in use. */
function toTags(value: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  return items
    .map((item) => toLine(item))
    .filter((tag) => tag !== undefined)
    .slice(0, maxTags);
}

/** How YAML writes that there is no value. */
const noValue: ReadonlySet<string> = new Set(["", "~", "null", "Null", "NULL"]);

function toLine(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const line = value.replaceAll(/\s+/g, " ").trim().slice(0, maxTitleLength);
  return noValue.has(line) ? undefined : line;
}
