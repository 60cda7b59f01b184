import { alphabets, isDigit } from "../alphabets.ts";
import type { Scan } from "../scan.ts";

/** Of 16,384 bits a key has 13 KB. */
const longestKey = 32 * 1024;
const longestGap = 64;
/** Of a line of a key, however it was broken; shorter pieces stand before or behind one. */
const leastPiece = 16;
/** Of a line is looked at so much. */
const looksAt = 64;
/** `Proc-Type: 4,ENCRYPTED`, `Version: GnuPG v2`: a line begins behind these within so many characters. */
const headLine = /^[\s>\\nr]{0,16}[A-Z][A-Za-z-]{2,20}: /;
const longestHead = 240;
const leastBehindHead = 32;

/** What stands between the lines of a key that was quoted, indented, fenced, put into source code or on one line. */
const gap = new Uint8Array(128);
for (const character of " \t\r\n\"'`~>|,") gap[character.charCodeAt(0)] = 1;

/** Behind the last character of the key whose lines begin at or behind `from`; `from` when there are none. */
export function keyEnd(scan: Scan, from: number): number {
  const { text } = scan;
  const last = Math.min(text.length, from + longestKey);
  let end = from;
  let at = behindHead(scan, from);
  while (at < last) {
    const start = gapEnd(text, at);
    const pieceEnd = scan.runEnd("base64", start);
    scan.steps += start - at + looksAt;
    const isFirst = end === from;
    const belongs =
      isLine(text, start, pieceEnd) || (!isFirst && isEncoded(text, start, pieceEnd)) || isBeforeLine(scan, pieceEnd);
    if (pieceEnd === start || !belongs) return pieceEnd > start && scan.isCutAt(pieceEnd) ? pieceEnd : end;
    end = at = pieceEnd;
  }
  return end;
}

/** Where the key begins whose last line ends before `at`; undefined when there is none. */
export function keyStart(scan: Scan, at: number): number | undefined {
  const { text } = scan;
  const lowest = Math.max(scan.floor, at - longestKey);
  let start: number | undefined;
  let from = at;
  while (from > lowest) {
    const end = gapStart(text, from, lowest);
    const pieceStart = end - scan.runBefore("base64", end, end - lowest);
    scan.steps += from - end + looksAt;
    if (pieceStart === end || !(isLine(text, pieceStart, end) || isEncoded(text, pieceStart, end))) return start;
    start = from = pieceStart;
  }
  return start;
}

/** Behind the lines of a header that are no part of the key, where a long line follows them. */
function behindHead(scan: Scan, from: number): number {
  const head = scan.text.slice(from, from + longestHead);
  scan.steps += longestHead;
  if (!headLine.test(head)) return from;
  for (const { 0: piece, index } of head.matchAll(/[0-9A-Za-z+/=]+/g))
    if (piece.length >= leastBehindHead && mixes(piece)) return from + index;
  return from;
}

function gapEnd(text: string, from: number): number {
  const last = Math.min(text.length, from + longestGap);
  let end = from;
  while (end < last) {
    if (text[end] === "\\" && "nrt".includes(text[end + 1] ?? " ")) end += 2;
    else if (gap[text.charCodeAt(end)] === 1 || text.startsWith("+\n", end) || text.startsWith("+ ", end)) end += 1;
    else break;
  }
  return end;
}

function gapStart(text: string, from: number, lowest: number): number {
  const last = Math.max(lowest, from - longestGap);
  let start = from;
  while (start > last) {
    if (start - 2 >= lowest && text[start - 2] === "\\" && "nrt".includes(text.charAt(start - 1))) start -= 2;
    else if (gap[text.charCodeAt(start - 1)] === 1 || text[start - 1] === "\\") start -= 1;
    else break;
  }
  return start;
}

function isLine(text: string, start: number, end: number): boolean {
  return end - start >= leastPiece && mixes(text.slice(start, Math.min(end, start + looksAt)));
}

/** Folding breaks lines anywhere. */
function isBeforeLine(scan: Scan, from: number): boolean {
  const start = gapEnd(scan.text, from);
  return start > from && isLine(scan.text, start, scan.runEnd("base64", start));
}

/** Of a short last line: no word has a digit or a sign beside letters, or a capital behind a small letter. */
function isEncoded(text: string, start: number, end: number): boolean {
  const piece = text.slice(start, Math.min(end, start + looksAt));
  return /[A-Za-z]/.test(piece) && (/[\d+/=]/.test(piece) || /[a-z][A-Z]/.test(piece));
}

/** Whether it has characters of two kinds, and is no capitalised word. */
function mixes(piece: string): boolean {
  let kinds = 0;
  for (let at = 1; at < piece.length; at += 1) {
    const code = piece.charCodeAt(at);
    if (isDigit(code)) kinds |= 1;
    else if (alphabets.lower[code] === 1) kinds |= 2;
    else if (alphabets.upper[code] === 1) kinds |= 4;
    else kinds |= 8;
    if ((kinds & (kinds - 1)) !== 0) return true;
  }
  return false;
}
