import type { TomlError } from "smol-toml";
import type { ConfigProblem } from "../check/problems.ts";
import { findBefore } from "./toml-lines.ts";
import { formatPath, maxDepth } from "./toml-path.ts";
import { codePointOf, invisibleIn } from "./toml-values.ts";

interface Explanation {
  readonly reason: string;
  readonly hint: string;
}

/** What is wrong where the parser stopped, and how to correct it. Values are never quoted: they may be secrets. */
export function explainTomlError(error: TomlError, text: string): ConfigProblem {
  const { line, column } = error;
  const { reason, hint } = explain(error, text);
  return { path: "", line, message: `not valid TOML: ${reason} (column ${column})`, hint };
}

function explain({ message, line, column }: TomlError, text: string): Explanation {
  const at = offsetOf(text, line, column);
  // The parser's own message continues with the lines around the fault.
  const [firstLine = ""] = message.split("\n", 1);
  const reason = firstLine.replace("Invalid TOML document: ", "");
  if (reason.startsWith("control characters")) return explainControl(reason, text, at);
  const invisible = invisibleIn(text.slice(at, at + 1));
  if (invisible === undefined) return explainReason(reason, text, at);
  return { reason: `the invisible character ${codePointOf(invisible)} is part of no key and no value`, hint: "remove it" };
}

function explainReason(reason: string, text: string, at: number): Explanation {
  if (reason === "trying to redefine an already defined table or value")
    return explainRepeat(text, at) ?? { reason, hint: "remove one of the two" };
  if (reason === "invalid value") return explainValue(text, at);
  if (keyFaults.has(reason)) return explainKey(text, at) ?? explanations[reason] ?? { reason, hint: lineShape };
  if (reason.startsWith("document contains excessively nested")) return nestedTooDeep;
  return explanations[reason] ?? { reason, hint: lineShape };
}

const lineShape = 'write a [table] header or key = "value" on each line';
const unclosedString: Explanation = {
  reason: "a string is not closed",
  hint: 'close it with the quote that opened it, or use """ for text of several lines',
};
const backslashHint = "write \\\\ for a backslash, or use single quotes";
/** A duration, a size or an address without quotes, nearly always. */
const textLikeNumber: Explanation = {
  reason: "a value that begins with a digit is neither a number nor a date",
  hint: 'put text in quotes, such as "5m" or "127.0.0.1:9464"',
};
const invalidDate: Explanation = { reason: "invalid date", hint: "write a date such as 2024-01-31 or 2024-01-31T09:00:00Z" };
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
  "unrecognised escape sequence": { reason: "unrecognised escape sequence", hint: backslashHint },
  "invalid non-hex character in unicode escape": {
    reason: "a \\u, \\U or \\x in a string has too few digits",
    hint: backslashHint,
  },
  "invalid unicode escape": { reason: "a \\u or \\U in a string names no character", hint: backslashHint },
  "invalid escape: only line-ending whitespace may be escaped": {
    reason: "unrecognised escape sequence",
    hint: backslashHint,
  },
  "illegal character in numeric literal": textLikeNumber,
  "unfinished numeric value": textLikeNumber,
  "illegal underscore": { reason: "an underscore in a number is not between two digits", hint: "remove it" },
  "illegal empty bare key": { reason: "a name before a dot is missing", hint: "remove the dot, or write the name" },
  "illegal quoted key: multiline strings are not allowed": {
    reason: "a key is in triple quotes",
    hint: "write it in one quote, or in none",
  },
  "illegal leading zero": { reason: "a number begins with 0", hint: "write it without the 0, or in quotes when it is text" },
  "invalid date": invalidDate,
  "invalid date-time: date part is malformed": invalidDate,
  "invalid date-time: time part is malformed": invalidDate,
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
  return {
    reason: "the value is not quoted text, a number, true, false, a date, a list or a table",
    hint: hintForValue(text, at),
  };
}

function hintForValue(text: string, at: number): string {
  if ("“”„‘’«»`".includes(text.charAt(at))) return 'use straight quotes: "text"';
  const [word = ""] = /^[a-z]{1,10}(?![\w.:/-])/i.exec(text.slice(at, at + 11)) ?? [];
  return otherWords[word.toLowerCase()] ?? 'put text in quotes: "text"';
}

/** As other formats write it. */
const otherWords: Readonly<Record<string, string>> = {
  true: "write true, in lower case",
  yes: "write true",
  on: "write true",
  false: "write false, in lower case",
  no: "write false",
  off: "write false",
  null: "leave the key out",
  none: "leave the key out",
  nil: "leave the key out",
};

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
