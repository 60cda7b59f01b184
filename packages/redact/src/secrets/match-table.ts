import type { Matcher, Scan } from "../scan.ts";
import { nearHit } from "./judge-value.ts";
import { secretKindOf, type SecretKind } from "./secret-names.ts";
import { cellFrom } from "./value.ts";

const longestHead = 512;
const longestHeading = 128;
const longestTable = 16 * 1024;
/** `|---|:---:|` */
const ruler = /\|?(?:[ \t]*:?-{2,64}:?[ \t]*\|){1,32}(?:[ \t]*:?-{2,64}:?(?=[ \t]*(?:\r?\n|$)))?/y;
const part = /^\s*:?-{2,}:?\s*$/;

/** Finds the cells below a head that names secrets in a Markdown table, also where its rows were put on one line. */
export const tableMatcher: Matcher = {
  starts: [
    ["|", " \t:-", " \t:-"],
    ["-", "-", "- |:"],
  ],
  match(scan, at) {
    const { text } = scan;
    // What one table holds is not read again for a row within it that looks like another ruler.
    if (at < scan.tablesEnd || (text[at] === "-" && text[at - 1] === "-")) return undefined;
    ruler.lastIndex = at;
    scan.steps += 2;
    if (!ruler.test(text)) return undefined;
    const end = ruler.lastIndex;
    scan.tablesEnd = end;
    const columns = columnsOf(text.slice(at, end));
    const headLength = Math.min(longestHead, columns * longestHeading);
    scan.steps += end - at + headLength;
    const kinds = kindsOf(headBefore(text, at, headLength), columns);
    if (kinds.some((kind) => kind !== undefined)) readRows(scan, kinds, end);
    return undefined;
  },
};

/** How many columns the row below a head has. */
function columnsOf(row: string): number {
  return row.split("|").filter((cell) => part.test(cell)).length;
}

/** The row above the one at `at`: the line before, or what stands before it on its own line. */
function headBefore(text: string, at: number, length: number): string {
  const before = text.slice(Math.max(0, at - length), at);
  const lines = before.split("\n");
  const own = lines.at(-1)!;
  return /[^\s>]/.test(own) ? own : (lines.at(-2) ?? "");
}

/** What the last columns of a head say about the cells below. */
function kindsOf(head: string, columns: number): Kinds {
  const cells = head.trim().replace(/\|$/, "").split("|").slice(-columns);
  return cells.map((cell) => {
    const kind = secretKindOf(cell.replaceAll(/[*_`]/g, "").trim().replaceAll(" ", "-"));
    return kind === "password" || kind === "token" ? kind : undefined;
  });
}

type Kinds = readonly (SecretKind | undefined)[];

function readRows(scan: Scan, kinds: Kinds, from: number): void {
  const { text } = scan;
  restOfLine.lastIndex = from;
  const last = Math.min(text.length, from + longestTable);
  if (restOfLine.test(text)) readRowsBelow(scan, kinds, restOfLine.lastIndex, last);
  else readRowsBehind(scan, kinds, from, last);
}

const restOfLine = /[ \t]*(?:\r?\n|$)/y;

function readRowsBelow(scan: Scan, kinds: Kinds, from: number, last: number): void {
  let start = from;
  while (start < last) {
    const end = endOf(scan, "\n", start, last);
    const row = scan.text.slice(start, end);
    const cells = row.split("|");
    if (cells.length < 2 || cells.some((cell) => part.test(cell))) break;
    // Without a bar the first cell begins with the line.
    const isFirstCell = cells[0]!.replaceAll(/[\s>]/g, "") !== "";
    let at = isFirstCell ? start : start + cells[0]!.length + 1;
    for (const [column, cell] of cells.slice(isFirstCell ? 0 : 1).entries()) {
      addHit(scan, kinds[column], at);
      at += cell.length + 1;
    }
    start = end + 1;
  }
  scan.tablesEnd = start;
}

/** Rows on one line have nothing between the last bar of one and the first bar of the next. */
function readRowsBehind(scan: Scan, kinds: Kinds, from: number, last: number): void {
  const { text } = scan;
  let column = -1;
  let start = from;
  while (start < last) {
    const end = endOf(scan, "|\n", start, last);
    const cell = text.slice(start, end);
    if (part.test(cell) || (column < 0 && cell.trim() !== "")) break;
    addHit(scan, kinds[column], start);
    column = column + 1 < kinds.length ? column + 1 : -1;
    start = end + 1;
    if (text[end] !== "|") break;
  }
  // The ruler of another table begins with the bar before its first cell.
  scan.tablesEnd = Math.max(scan.tablesEnd, start - 1);
}

/** Where the first of `marks` stands behind `from`; `last` when there is none. */
function endOf(scan: Scan, marks: string, from: number, last: number): number {
  let end = from;
  while (end < last && !marks.includes(scan.text.charAt(end))) end += 1;
  scan.steps += end - from;
  return end;
}

function addHit(scan: Scan, kind: SecretKind | undefined, at: number): void {
  const hit = kind === undefined ? undefined : nearHit(scan, kind, cellFrom(scan, at, "|"));
  if (hit !== undefined) scan.ahead.push(hit);
}
