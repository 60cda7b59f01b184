import { isWordLetter } from "../personal/letters.ts";
import type { Scan } from "../scan.ts";

/** Where the value of a name stands. */
export interface Value {
  readonly start: number;
  readonly end: number;
  readonly isQuoted?: boolean;
}

export const longestQuoted = 512;
/** A value without quotes that is no run of one alphabet. */
const longestSpoken = 256;
const quotes = "\"'`";
const tag = /<\/?[a-z]{1,10}>/iy;
const mostTags = 4;

/** Behind the separator at `at`, its second character, spaces, marks of emphasis and tags. */
export function valueStart(scan: Scan, at: number): number {
  const { text } = scan;
  let start = at + 1;
  if (text[start] === "=" || text[start] === ">") start += 1;
  const last = start + 8;
  start += marksAt(text, start);
  while (start < last && (text[start] === " " || text[start] === "\t")) start += 1;
  start = behindTags(text, start);
  const marks = marksAt(text, start);
  if (text[start + marks] !== " ") start += marks;
  scan.steps += start - at;
  return start;
}

/** How many marks of emphasis, or of a hidden text, stand at `at`; more of them stand for a value. */
function marksAt(text: string, at: number): number {
  const mark = text[at];
  if (mark === "|") return text[at + 1] === "|" ? 2 : 0;
  const length = mark !== "*" ? 0 : text[at + 1] === "*" ? 2 : 1;
  return text[at + length] === "*" ? 0 : length;
}

function behindTags(text: string, at: number): number {
  let end = at;
  for (let count = 0; count < mostTags && text[end] === "<"; count += 1) {
    tag.lastIndex = end;
    if (!tag.test(text)) break;
    end = tag.lastIndex;
    if (text[end] === " ") end += 1;
  }
  return end;
}

/** A value in quotes up to the closing one on the same line, or a run without a quote. */
export function valueAt(scan: Scan, at: number): Value {
  const { text } = scan;
  let quoteAt = at;
  while (text[quoteAt] === "\\" && quoteAt < at + 8) quoteAt += 1;
  const quote = text[quoteAt] ?? "";
  if (quote === "{") return bracedValue(scan, at);
  if (quote === "" || !quotes.includes(quote)) return { start: at, end: runEnd(scan, at) };
  const start = quoteAt + 1;
  const isEscaped = quoteAt > at;
  const closing = text.slice(at, start);
  let end = start;
  const last = Math.min(text.length, start + longestQuoted);
  while (end < last && text[end] !== "\n" && !text.startsWith(closing, end)) end += text[end] === "\\" && !isEscaped ? 2 : 1;
  scan.steps += end - start;
  // `print("password: ", value)`: no other quote follows the one that closed the label.
  const isOpen = !text.startsWith(closing, end);
  if (isOpen && (end >= last || " ,;)+".includes(text.charAt(start)))) return { start, end: runEnd(scan, start) };
  return { start, end, isQuoted: true };
}

/** `Pwd={…};` of ODBC, where a value may hold any sign. */
function bracedValue(scan: Scan, at: number): Value {
  braced.lastIndex = at;
  if (!braced.test(scan.text)) return { start: at, end: at };
  scan.steps += braced.lastIndex - at;
  return { start: at + 1, end: braced.lastIndex - 2, isQuoted: true };
}

const braced = /\{[^{}\s"']{1,128}\};/y;

/** Letters beyond ASCII are no part of an alphabet, but of passwords. */
function runEnd(scan: Scan, at: number): number {
  const { text } = scan;
  const last = at + longestSpoken;
  let end = scan.runEnd("value", at);
  while (end < last && isWordLetter(text.charCodeAt(end))) end = scan.runEnd("value", end + 1);
  return end;
}

/** A value that a person wrote: up to the next space, without the punctuation of the sentence behind it. */
export function spokenValue(scan: Scan, at: number): Value {
  const { text } = scan;
  const start = at + marksAt(text, at);
  if (quotes.includes(text[start] ?? " ")) return valueAt(scan, start);
  const last = Math.min(text.length, start + longestSpoken);
  let end = start;
  while (end < last && isVisible(text.charCodeAt(end))) end += 1;
  scan.steps += end - start;
  while (end > start && ".,;:?)]}>|\"'`*".includes(text.charAt(end - 1))) end -= 1;
  return { start, end };
}

function isVisible(code: number): boolean {
  return (code > 0x20 && code < 0x7f) || isWordLetter(code);
}

/** `|` and `>` begin a text of several lines in YAML. */
const lineEnd = /[|>]?[+-]?[ \t]*(?:\r?\n|$)/y;
/** At most one empty line, then marks of a list, a quotation or code. */
const lineBreak = /[|>]?[+-]?(?:[ \t]*\r?\n){1,3}(?:[ \t]*(?:```|~~~)\w{0,16}[ \t]*\r?\n)?[ \t>]*(?:[-*] )?/y;
const restOfLine = /[ \t*`"']*(?:[\r\n…]|$)/y;

export function isLineEnd(text: string, at: number): boolean {
  lineEnd.lastIndex = at;
  return lineEnd.test(text);
}

/** The value that is all of the next line. */
export function nextLineValue(scan: Scan, at: number): Value | undefined {
  const { text } = scan;
  lineBreak.lastIndex = at;
  if (!lineBreak.test(text)) return undefined;
  const value = spokenValue(scan, lineBreak.lastIndex);
  scan.steps += lineBreak.lastIndex - at;
  // A colon begins something below.
  restOfLine.lastIndex = value.end;
  return text[value.end] !== ":" && restOfLine.test(text) ? value : undefined;
}

/** The cell behind the bar, the tab or the two spaces at `at`, or the content of an element that begins there. */
export function cellValue(scan: Scan, at: number): Value {
  const { text } = scan;
  const mark = text.charAt(at);
  const from = "|\t ".includes(mark) ? at + 1 : at;
  return cellFrom(scan, mark === "|" && text[from] === "|" ? from + 1 : from, mark);
}

/** The cell whose first character stands at `at`, and which `mark` ends. */
export function cellFrom(scan: Scan, at: number, mark: string): Value {
  const { text } = scan;
  const last = Math.min(text.length, at + longestSpoken);
  let start = at;
  while (start < last && " \t".includes(text.charAt(start))) start += 1;
  let end = start;
  while (end < last && !endsCell(text, mark, end)) end += 1;
  scan.steps += end - at;
  while (end > start && " \t".includes(text.charAt(end - 1))) end -= 1;
  while (end - start > 2 && text[start] === text[end - 1] && "`*_\"'".includes(text.charAt(start)))
    [start, end] = [start + 1, end - 1];
  return { start, end };
}

function endsCell(text: string, mark: string, at: number): boolean {
  const character = text[at];
  if (character === "\n" || character === "\r") return true;
  if (mark === "|") return character === "|";
  if (mark === "\t") return character === "\t";
  if (mark === " ") return character === "\t" || (character === " " && text[at + 1] === " ");
  return character === "<";
}
