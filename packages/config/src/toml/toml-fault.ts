import type { TomlError } from "smol-toml";
import type { ConfigProblem } from "../check/problems.ts";
import { findBefore } from "./toml-lines.ts";
import { formatPath, maxDepth } from "./toml-path.ts";
import { codePointOf } from "./toml-values.ts";

interface Explanation {
  readonly reason: string;
  readonly hint?: string;
}

/** What is wrong where the parser stopped, and how to correct it. Values are never quoted: they may be secrets. */
export function explainTomlError(error: TomlError, text: string): ConfigProblem {
  const { line, column } = error;
  const { reason, hint } = explain(error, text);
  return { path: "", line, message: `not valid TOML: ${reason} (column ${column})`, ...(hint !== undefined && { hint }) };
}

function explain({ message, line, column }: TomlError, text: string): Explanation {
  const at = offsetOf(text, line, column);
  // The parser's own message continues with the lines around the fault.
  const [firstLine = ""] = message.split("\n", 1);
  const reason = firstLine.replace("Invalid TOML document: ", "");
  if (reason.startsWith("control characters")) return explainControl(reason, text, at);
  if (reason === "trying to redefine an already defined table or value") return explainRepeat(text, at) ?? { reason };
  if (reason === "invalid value") return explainValue(text, at);
  if (keyFaults.has(reason)) return explainKey(text, at) ?? explanations[reason] ?? { reason };
  if (reason.startsWith("document contains excessively nested")) return nestedTooDeep;
  return explanations[reason] ?? { reason };
}

const lineShape = 'write a [table] header or key = "value" on each line';
const unclosedString: Explanation = {
  reason: "a string is not closed",
  hint: 'close it with the quote that opened it, or use """ for text of several lines',
};
const explanations: Readonly<Record<string, Explanation>> = {
  "unfinished string": unclosedString,
  "unfinished array": { reason: "a list is not closed", hint: "close it with ]" },
  "unfinished table": { reason: "an inline table is not closed", hint: "close it with }" },
  "expected comma or end of structure": {
    reason: "a comma or the closing bracket is missing",
    hint: "separate values with commas, and close the list or table",
  },
  "trying to redefine an already defined value": {
    reason: "a key is set twice in an inline table",
    hint: "remove one of the two",
  },
  "each key-value declaration must be followed by an end-of-line": {
    reason: "text follows the value",
    hint: "write one key on each line, and text in quotes",
  },
  "incomplete key-value: cannot find end of key": { reason: "a key has no value", hint: lineShape },
  "unexpected end of key": { reason: "a key is missing", hint: lineShape },
  "illegal character in key": { reason: "illegal character in key", hint: `${lineShape}, and unusual keys in quotes` },
  "expected end of table array declaration": { reason: "a header [[…]] is not closed", hint: "close it with ]]" },
  "unrecognised escape sequence": {
    reason: "unrecognised escape sequence",
    hint: "write \\\\ for a backslash, or use single quotes",
  },
  "illegal leading zero": { reason: "a number begins with 0", hint: "write it without the 0, or in quotes when it is text" },
  "invalid date": { reason: "invalid date", hint: "write a date such as 2024-01-31 or 2024-01-31T09:00:00Z" },
};

const keyFaults = new Set(["illegal character in key", "incomplete key-value: cannot find end of key", "unexpected end of key"]);
const nestedTooDeep: Explanation = {
  reason: `lists and tables are nested deeper than ${maxDepth} levels`,
  hint: "check the brackets: no option needs more than a few levels",
};

/** A header that is not closed, or a name with a space in it; undefined for anything else. */
function explainKey(text: string, at: number): Explanation | undefined {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const line = (text.slice(start).split("\n", 1)[0] ?? "").trimStart();
  const opening = line.startsWith("[[") ? "[[" : line.startsWith("[") ? "[" : undefined;
  const closing = opening === "[[" ? "]]" : "]";
  const [code = ""] = line.split("#", 1);
  if (opening !== undefined && !code.includes("]")) {
    return { reason: `a header ${opening} is not closed`, hint: `close it with ${closing}` };
  }
  // The parser stops behind the space; something must follow that only a name can stand before.
  const hasSpace =
    /[ \t]$/.test(text.slice(start, at)) && text.slice(at, start + line.length + 1).includes(opening === undefined ? "=" : "]");
  if (!hasSpace) return undefined;
  const where = opening === undefined ? "a key" : `a name in a header ${opening}…${closing}`;
  return { reason: `${where} has a space in it`, hint: "write it without the space, or in quotes" };
}

function explainControl(reason: string, text: string, at: number): Explanation {
  const character = text[at] ?? "";
  if (character === "\n" || text.startsWith("\r\n", at)) return unclosedString;
  return { reason: `${reason}: ${codePointOf(character)}`, hint: "remove it" };
}

/** Text without quotes, mostly; or quotes that an editor made pretty. */
function explainValue(text: string, at: number): Explanation {
  const end = text.slice(at, at + 1);
  if (end === "" || end === "\n" || end === "\r" || end === "#") return { reason: "a key has no value", hint: lineShape };
  const curly = "“”„‘’«»".includes(end);
  return {
    reason: "the value is not quoted text, a number, true, false, a date, a list or a table",
    hint: curly ? 'use straight quotes: "text"' : 'put text in quotes: "text"',
  };
}

function explainRepeat(text: string, at: number): Explanation | undefined {
  const found = findBefore(text, at);
  if (found === undefined) return undefined;
  const name = formatPath(found.path);
  if (!found.isHeader) return { reason: `the key ${name} is already set on line ${found.line}`, hint: "remove one of the two" };
  return {
    reason: `${name} is already defined on line ${found.line}`,
    hint: found.isList
      ? `write every [[${name}]] with two brackets, and nothing else of this name`
      : `put all keys of [${name}] under one header`,
  };
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let number = 1; number < line; number += 1) start = text.indexOf("\n", start) + 1;
  return start + column - 1;
}
