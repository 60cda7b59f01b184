import { isTable, type OptionDescription } from "@statewave-connectors/connector-sdk/schema";

const lineWidth = 100;
const link = /\[([^[\]]+)\]\([^()\s]*\)/g;

/** A comment of as many lines as it needs; nothing for no text. Of a link only its words stay: its target is on a page of the documentation. */
export function comment(text: string): string {
  const lines: string[] = [];
  for (const word of text
    .replaceAll(link, "$1")
    .split(/\s/)
    .filter((each) => each !== "")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= lineWidth) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((each) => `# ${each}\n`).join("");
}

/** `key = value` on one line. */
export function line(key: string, value: unknown): string {
  return `${keyText(key)} = ${inline(value)}\n`;
}

/** An option that is not set, with what it would be without a #. */
export function commentedOption({ key, description, defaultText, example }: OptionDescription): string {
  const value = defaultText ?? (example === undefined ? "…" : inline(example));
  return `${comment(description)}# ${key} = ${value}\n`;
}

/** A value as it may stand behind any key: tables in braces. */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (value instanceof Date) return value.toISOString();
  // The escapes of JSON are those of TOML.
  if (!isTable(value)) return typeof value === "string" ? JSON.stringify(value.toWellFormed()) : String(value);
  const pairs = Object.entries(value).map(([key, inner]) => `${keyText(key)} = ${inline(inner)}`);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

function keyText(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}
