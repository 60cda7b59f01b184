import { type Fields, toFields } from "@statewave-connectors/connector-sdk/items";
import { isCalendarDate } from "@statewave-connectors/connector-sdk/options";
import { parse as parseTomlText } from "smol-toml";
import { parse as parseYamlText } from "yaml";
import { type Frontmatter, pickFields } from "./frontmatter-fields.ts";

/** More is no frontmatter but a document that happens to begin with a line. Characters. */
const maxFrontmatterLength = 16 * 1024;
const maxProperties = 50;

export interface SplitDocument {
  readonly frontmatter: Frontmatter;
  /** There is a block that can be read neither as metadata nor as text; it stays in the body. */
  readonly isBroken: boolean;
  readonly body: string;
}

/**
 * Takes off what a document says of itself before its text: YAML between lines `---`, TOML between lines `+++` (Hugo, Zola), or lines
 * `title:: …` (Logseq). `source` has LF line ends.
 */
export function splitFrontmatter(source: string): SplitDocument {
  const whole: SplitDocument = { frontmatter: {}, isBroken: false, body: source };
  const block = fencedBlock(source);
  if (block === undefined) return splitProperties(source) ?? whole;
  const fields = block.isToml ? parseToml(block.text) : parseYaml(block.text);
  if (fields === "broken") return { ...whole, isBroken: true };
  // Plain text between two rules is text.
  return fields === "text" ? whole : { frontmatter: pickFields(fields), isBroken: false, body: block.body };
}

interface FencedBlock {
  readonly isToml: boolean;
  readonly text: string;
  readonly body: string;
}

function fencedBlock(source: string): FencedBlock | undefined {
  const opening = /^(?:---|\+\+\+)[ \t]*\n/.exec(source)?.[0];
  if (opening === undefined) return undefined;
  const isToml = opening.startsWith("+");
  const start = opening.length;
  // From the line end before the block, because the block may be empty.
  const head = source.slice(start - 1, start + maxFrontmatterLength);
  const closing = (isToml ? /\n\+\+\+[ \t]*(?:\n|$)/ : /\n(?:---|\.\.\.)[ \t]*(?:\n|$)/).exec(head);
  if (closing === null) return undefined;
  const text = source.slice(start, start + closing.index);
  return { isToml, text, body: source.slice(start - 1 + closing.index + closing[0].length) };
}

function parseYaml(block: string): Fields | "broken" | "text" {
  let value: unknown;
  try {
    // Every value as it is written: a version 1.10 is no number. Level "error": it throws, but prints no warnings.
    value = parseYamlText(block, { schema: "failsafe", logLevel: "error", prettyErrors: false });
  } catch {
    return "broken";
  }
  if (value === null || value === undefined) return {};
  return toFields(value) ?? "text";
}

function parseToml(block: string): Fields | "broken" {
  try {
    return parseTomlText(withFloatsAsText(block), { integersAsBigInt: true });
  } catch {
    return "broken";
  }
}

const numericLine = /^([ \t]*[\w.-]+[ \t]*=)([-+\d_.,:TtZz[\] \t]+)(?=#|$)/gm;
/** TOML allows a space between a date and its time. */
const numericToken = /\d{4}-\d\d-\d\d[Tt ]\d\d:[\d:.]+(?:[Zz]|[-+]\d\d:\d\d)?|[^,[\] \t]+/g;
const date = /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ]|$)/;
const float = /^[-+]?\d[\d_]*\.\d[\d_]*$/;

/** A date that no calendar has would be read as another one. */
function isImpossibleDate(token: string): boolean {
  const [, year, month, day] = date.exec(token) ?? [];
  return year !== undefined && !isCalendarDate(Number(year), Number(month), Number(day));
}

/** A version 1.10 is no number. In a block with texts of several lines any line may be part of one, and nothing is changed. */
function withFloatsAsText(block: string): string {
  if (block.includes('"""') || block.includes("'''")) return block;
  return block.replaceAll(numericLine, (_, key: string, value: string) => {
    const shown = value.replaceAll(numericToken, (token) =>
      float.test(token) || isImpossibleDate(token) ? `"${token}"` : token,
    );
    return `${key}${shown}`;
  });
}

const property = /^([\p{L}][\p{L}\p{N}_-]*):: ?(.*)$/u;

/** The properties of a page of Logseq: its first lines. */
function splitProperties(source: string): SplitDocument | undefined {
  const fields: [string, string][] = [];
  let body = source;
  while (fields.length < maxProperties) {
    const end = body.indexOf("\n");
    const match = property.exec(end === -1 ? body : body.slice(0, end));
    if (match === null) break;
    // Names of other pages stand in double brackets.
    fields.push([match[1] ?? "", (match[2] ?? "").replaceAll(/\[\[|\]\]/g, "")]);
    body = end === -1 ? "" : body.slice(end + 1);
  }
  return fields.length === 0 ? undefined : { frontmatter: pickFields(Object.fromEntries(fields)), isBroken: false, body };
}
