import { parse, TomlError } from "smol-toml";
import { ConfigInvalidError } from "./problems.ts";

/** A table as it was parsed: without a prototype, so that `__proto__` or `constructor` are keys like any other. */
export type Table = Record<string, unknown>;

/** Far beyond ten thousand entries; a larger file is a mistake, not a configuration. */
const maxFileBytes = 4 * 1024 * 1024;

/** Tables and arrays inside each other; also what keeps every later walk over the values off the limits of the stack. */
export const maxDepth = 32;

export function newTable(): Table {
  return Object.create(null);
}

export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The text and the tables of a TOML file. Throws `CONFIG_INVALID` with line and column; the file's text is never quoted, it may hold secrets. */
export function parseToml(bytes: Uint8Array, file: string): { readonly text: string; readonly root: Table } {
  const text = decode(bytes, file);
  try {
    return { text, root: parse(text, { maxDepth }) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The parser's own message goes on with the lines around the fault.
    const reason = error.message.split("\n", 1)[0]!.replace("Invalid TOML document: ", "");
    throw new ConfigInvalidError(file, [
      { path: "", line: error.line, message: `not valid TOML: ${reason} (column ${error.column})` },
    ]);
  }
}

function decode(bytes: Uint8Array, file: string): string {
  if (bytes.byteLength > maxFileBytes) {
    throw new ConfigInvalidError(file, [{ path: "", message: `the file is larger than ${maxFileBytes} bytes` }]);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    const message = `the file is not UTF-8 text${utf16 ? " but UTF-16" : ""}`;
    throw new ConfigInvalidError(file, [{ path: "", message, hint: "save it as UTF-8" }]);
  }
}
