import { Buffer, isUtf8 } from "node:buffer";
import { parse, TomlError } from "smol-toml";
import { ConfigInvalidError, type ConfigProblem } from "../check/problems.ts";
import { explainTomlError } from "./toml-fault.ts";
import { maxDepth } from "./toml-path.ts";

/** A table as it was parsed: without a prototype, so that `__proto__` or `constructor` are keys like any other. */
export type Table = Record<string, unknown>;

/** Far beyond ten thousand entries; a larger file is a mistake, not a configuration. */
const maxFileBytes = 4 * 1024 * 1024;

export function newTable(): Table {
  return Object.create(null);
}

/** The text and the tables of a TOML file. Throws `CONFIG_INVALID` with line and column; no value is quoted, it may be a secret. */
export function parseToml(bytes: Uint8Array, file: string): { readonly text: string; readonly root: Table } {
  const text = decode(bytes, file);
  try {
    return { text, root: parse(text, { maxDepth, integersAsBigInt: "asNeeded" }) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new ConfigInvalidError(file, [explainTomlError(error, text)]);
  }
}

/** Throws `CONFIG_INVALID` for a file too large to be a configuration. */
export function checkFileSize(bytes: number, file: string): void {
  if (bytes > maxFileBytes)
    throw new ConfigInvalidError(file, [{ path: "", message: `the file is larger than ${maxFileBytes} bytes` }]);
}

function decode(bytes: Uint8Array, file: string): string {
  checkFileSize(bytes.byteLength, file);
  if (isUtf16(bytes)) {
    throw new ConfigInvalidError(file, [
      { path: "", message: "the file is not UTF-8 text but UTF-16", hint: "save it as UTF-8" },
    ]);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigInvalidError(file, [notUtf8(bytes)]);
  }
}

/** By its byte order mark, or by the NUL that every second byte of Latin text is. */
function isUtf16(bytes: Uint8Array): boolean {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return true;
  const head = bytes.subarray(0, 64);
  const nulsAt = (parity: number) => head.filter((byte, at) => at % 2 === parity && byte === 0).length;
  const [even, odd] = [nulsAt(0), nulsAt(1)];
  return Math.min(even, odd) === 0 && Math.max(even, odd) > head.length / 4;
}

/** Where the first byte stands that is not UTF-8. */
function notUtf8(bytes: Uint8Array): ConfigProblem {
  const buffer = Buffer.from(bytes);
  let valid = 0;
  // Line by line: a line break is never part of a longer character.
  for (let line = 1; valid < buffer.length; line += 1) {
    const end = buffer.indexOf("\n", valid);
    const next = end === -1 ? buffer.length : end + 1;
    if (!isUtf8(buffer.subarray(valid, next)))
      return {
        path: "",
        line,
        message: "the file is not UTF-8 text: this line has bytes of another encoding",
        hint: "save it as UTF-8",
      };
    valid = next;
  }
  return { path: "", message: "the file is not UTF-8 text", hint: "save it as UTF-8" };
}
