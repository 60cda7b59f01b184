import { alphabets, isDigit } from "../alphabets.ts";
import { any, type Matcher, type Scan } from "../scan.ts";
import { isWideLetter, isWordLetter } from "./letters.ts";

const rule = "email";
/** RFC 5321, 4.5.3.1. */
const longestLocal = 64;
const longestDomain = 253;
const longestLabel = 63;

/** Finds e-mail addresses, also with `%40` for the `@`, and with letters of other scripts on both sides. */
export const emailMatcher: Matcher = {
  starts: [
    ["@", any, any],
    ["%", "4", "0"],
  ],
  match(scan, at) {
    const { text } = scan;
    if (at < scan.authorityEnd) return undefined;
    const start = localStart(scan, at);
    if (start === at) return undefined;
    const domainStart = at + (text[at] === "@" ? 1 : 3);
    const whole = domainEnd(scan, domainStart);
    const end = whole === domainStart ? cutDomainEnd(scan, domainStart) : whole;
    if (end === domainStart || isRemote(text, start, at, end)) return undefined;
    return { start, end, rule };
  },
};

/** `git@host:path` is the address of a repository. */
function isRemote(text: string, start: number, at: number, end: number): boolean {
  return text.slice(start, at) === "git" && (text[end] === ":" || text[end] === "/");
}

/** Where the part before the `@` begins; `at` when there is none. */
function localStart(scan: Scan, at: number): number {
  const { text } = scan;
  const lowest = Math.max(scan.floor, at - longestLocal);
  const isWide = isWideLetter(text.charCodeAt(at - 1));
  let start = at;
  while (start > lowest && isLocal(text.charCodeAt(start - 1), isWide)) start -= 1;
  scan.steps += at - start + 1;
  // A quote, a dot or a dash before an address belongs to the sentence.
  while (start < at && ".'-%".includes(text.charAt(start))) start += 1;
  return text[at - 1] === "." ? at : start;
}

function isLocal(code: number, isWide: boolean): boolean {
  if (code < 0x80) return alphabets.alnum[code] === 1 || ".!#$&'*+-_~^".includes(String.fromCharCode(code));
  return isWordLetter(code) || (isWide && isWideLetter(code));
}

/** Where a domain was cut off before its end; `from` when it was not. A version begins with a digit or a `v`. */
function cutDomainEnd(scan: Scan, from: number): number {
  const { text } = scan;
  let end = from;
  while (end < from + longestLabel && (isLabel(text.charCodeAt(end), false) || text[end] === ".")) end += 1;
  scan.steps += end - from + 1;
  return scan.isCutAt(end) && !/^(?:v?\d|$)/.test(text.slice(from, end)) ? end : from;
}

/** Labels of a domain, and which of them may be the last one. */
function domainEnd(scan: Scan, from: number): number {
  const { text } = scan;
  const last = Math.min(text.length, from + longestDomain);
  let end = from;
  let at = from;
  let labels = 0;
  let isNumbered = false;
  while (at < last) {
    const labelEnd = endOfLabel(text, at);
    if (labelEnd === at || labelEnd - at > longestLabel) break;
    const label = text.slice(at, labelEnd);
    labels += 1;
    if (labels === 1) isNumbered = /^v?[0-9]+$/.test(label);
    // `tool@1.2.beta` is a version, `name@163.com` an address.
    if (labels === 2 && isNumbered && !/^[a-z]{2,3}$/i.test(label)) break;
    if (labels > 1 && isTopLevel(label)) end = labelEnd;
    at = labelEnd + 1;
    if (text[labelEnd] !== ".") break;
  }
  scan.steps += at - from + 1;
  return end;
}

function endOfLabel(text: string, from: number): number {
  const isWide = isWideLetter(text.charCodeAt(from));
  const last = from + longestLabel + 1;
  let end = from;
  while (end < last && isLabel(text.charCodeAt(end), isWide)) end += 1;
  while (end > from && text[end - 1] === "-") end -= 1;
  return text[from] === "-" ? from : end;
}

function isLabel(code: number, isWide: boolean): boolean {
  if (code < 0x80) return alphabets.alnum[code] === 1 || code === 0x2d;
  return isWordLetter(code) || (isWide && isWideLetter(code));
}

/** Ends of file names that no domain ends with: `icon@2x.png`, `patch@main.json`. */
const fileEndings = new Set(
  "css csv docx exe gif gz html ico jar jpeg jpg js json jsx lock log mjs pdf png scss svg tar tgz toml ts tsx txt wasm webp xlsx xml yaml yml".split(
    " ",
  ),
);

function isTopLevel(label: string): boolean {
  if (label.length < 2) return false;
  if (label.startsWith("xn--")) return true;
  for (let at = 0; at < label.length; at += 1) {
    const code = label.charCodeAt(at);
    if (isDigit(code) || code === 0x2d) return false;
  }
  return !fileEndings.has(label.toLowerCase());
}
