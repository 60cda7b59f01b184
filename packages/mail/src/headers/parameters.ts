import { decodeCharset } from "../charset/decode-charset.ts";
import { decodeWords } from "./decode-words.ts";

/** A value such as `text/plain; charset=utf-8`. */
export interface ParameterizedValue {
  /** Lower case. */
  readonly value: string;
  /** Names in lower case. The first of a name counts. */
  readonly parameters: Readonly<Record<string, string>>;
}

const maxLength = 16 * 1024;
const maxParameters = 100;

/** Reads the value and the parameters of a header: quoted or not, in sections and charsets (RFC 2231), with comments and encoded words. */
export function parseParameters(raw: string): ParameterizedValue {
  const [value = "", ...rest] = splitFields(raw.slice(0, maxLength));
  const fields: Field[] = [];
  for (const field of rest.slice(0, maxParameters)) {
    const sign = field.indexOf("=");
    if (sign > 0) fields.push(fieldOf(field.slice(0, sign), field.slice(sign + 1)));
  }
  const parameters: Record<string, string> = Object.create(null);
  for (const name of new Set(fields.map((field) => field.name))) {
    parameters[name] = valueOf(fields.filter((field) => field.name === name));
  }
  return { value: value.trim().toLowerCase(), parameters };
}

/** One parameter, or a section of one. */
interface Field {
  readonly name: string;
  /** Undefined: the parameter is whole. */
  readonly section: number | undefined;
  readonly isEncoded: boolean;
  readonly text: string;
}

function fieldOf(left: string, right: string): Field {
  const name = left.trim().toLowerCase();
  const [, plain = name, section, star = ""] = /^([^*]+)(?:\*(\d{1,3}))?(\*)?$/.exec(name) ?? [];
  return {
    name: plain,
    section: section === undefined ? undefined : Number(section),
    isEncoded: star === "*",
    text: right,
  };
}

/** Whole values with a charset come first, then sections, then plain ones: senders add the latter for old readers. */
function valueOf(fields: readonly Field[]): string {
  const encoded = fields.find(({ section, isEncoded }) => section === undefined && isEncoded);
  if (encoded !== undefined) return decodeSections([encoded]);
  const sections = fields.filter(({ section }) => section !== undefined);
  if (sections.length > 0) {
    const sorted = sections.toSorted((a, b) => (a.section ?? 0) - (b.section ?? 0));
    // The first of a number counts, as of a name.
    return decodeSections(sorted.filter(({ section }, at) => section !== sorted[at - 1]?.section));
  }
  return decodeWords(fields[0]?.text ?? "");
}

function decodeSections(sections: readonly Field[]): string {
  const [, charset = "utf-8", head = sections[0]?.text ?? ""] = /^([^']*)'[^']*'(.*)$/s.exec(sections[0]?.text ?? "") ?? [];
  const chunks = sections.map(({ isEncoded, text }, index) => {
    if (!isEncoded) return Buffer.from(text);
    return percentDecode(index === 0 ? head : text);
  });
  return decodeCharset(Buffer.concat(chunks), charset);
}

function percentDecode(text: string): Uint8Array {
  const bytes = Buffer.from(text).toString("latin1");
  const decoded = bytes.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(decoded, "latin1");
}

/** The fields between semicolons, without comments, quotation marks, what they escape, and white space around the values. */
function splitFields(raw: string): readonly string[] {
  const fields: string[] = [];
  let field = "";
  let space = "";
  let depth = 0;
  let isQuoted = false;
  const add = (text: string) => {
    field += `${space}${text}`;
    space = "";
  };
  for (let at = 0; at < raw.length; at += 1) {
    const character = raw.charAt(at);
    if (character === "\\" && (isQuoted || depth > 0)) {
      at += 1;
      if (depth === 0) add(raw.charAt(at));
    } else if (depth === 0 && character === '"') {
      isQuoted = !isQuoted;
      if (isQuoted) add("");
    } else if (isQuoted) add(character);
    else if (character === "(") depth += 1;
    else if (character === ")" && depth > 0) depth -= 1;
    else if (depth > 0) continue;
    else if (character === ";") {
      fields.push(field);
      field = space = "";
    } else if (/\s/.test(character)) space += field === "" || field.endsWith("=") ? "" : character;
    else add(character);
  }
  return [...fields, field];
}
