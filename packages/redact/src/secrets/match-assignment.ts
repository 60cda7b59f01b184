import { any, type Hit, type Matcher, type Scan } from "../scan.ts";
import { isPlaceholder } from "./placeholder.ts";
import { beginsRandom, leastCut, looksChosen, looksRandom } from "./randomness.ts";
import { mayNameSecret, secretKindOf, type SecretKind } from "./secret-names.ts";
import { secretsRule } from "./secrets-rule.ts";

const longestName = 64;
export const longestQuoted = 512;
/** A value is judged by so much of it. */
const longestJudged = 256;
const leastPassword = 6;
const leastCutPassword = 4;
const leastToken = 16;
const leastHeader = 8;

/** Finds the values of `password=…`, `"apiKey": "…"`, `Authorization: Bearer …`: the name says that there is one, the value has to look it. */
export const assignmentMatcher: Matcher = {
  starts: [["=:", any, any]],
  match(scan, at) {
    const kind = kindBefore(scan, at);
    if (kind === undefined) return undefined;
    const start = valueStart(scan, at);
    return secretHit(scan, kind, kind === "header" ? headerValue(scan, start) : valueAt(scan, start));
  },
};

/** The hit for a value of this kind, including one that was cut off. */
export function secretHit(scan: Scan, kind: SecretKind, value: Value | undefined): Hit | undefined {
  if (value === undefined) return undefined;
  const { start, isQuoted = false } = value;
  // A value in quotes that was cut off has no closing one.
  const end = value.end > start && scan.isCutAt(value.end - 1) ? value.end - 1 : value.end;
  const judged = Math.min(end, start + longestJudged);
  scan.steps += judged - start;
  const text = scan.text.slice(start, judged);
  const isSecret = isSecretValue(text, kind, isQuoted) || (scan.isCutAt(end) && beginsSecret(text, kind, isQuoted));
  return isSecret ? { start, end, rule: secretsRule } : undefined;
}

/** Whether a value that bears a name is a secret. */
export function isSecretValue(value: string, kind: SecretKind, isQuoted: boolean): boolean {
  if (isPlaceholder(value)) return false;
  if (kind === "password") return !isReference(value, isQuoted) && looksChosen(value, leastPassword);
  if (kind === "header") return value.length >= leastToken ? !isReference(value, true) : looksRandom(value, leastHeader);
  return !isReference(value, isQuoted) && looksRandom(value, leastToken);
}

/** Whether the beginning of a value, which was cut off, may be that of a secret. */
function beginsSecret(value: string, kind: SecretKind, isQuoted: boolean): boolean {
  if (isPlaceholder(value) || isReference(value, isQuoted || kind === "header")) return false;
  if (kind === "password" && looksChosen(value, leastCutPassword)) return true;
  return beginsRandom(value) || (kind === "header" && value.length > leastCut);
}

/** A path, an address, or the name of something in code. */
function isReference(value: string, isQuoted: boolean): boolean {
  if (value.includes("://") || /^[./~]/.test(value)) return true;
  return !isQuoted && /^[A-Za-z_$][\w$]{0,63}(?:\.[A-Za-z_$][\w$]{0,63}){1,8}$/.test(value);
}

/** The kind of the name before a separator, which quotes, spaces, marks of Markdown and a second character of the separator may surround. */
function kindBefore(scan: Scan, at: number): SecretKind | undefined {
  const { text } = scan;
  let end = at;
  while (end > at - 4 && end > 0 && fillers.includes(text.charAt(end - 1))) end -= 1;
  return kindOfName(scan, end);
}

const fillers = " \"'\\`]*";
const wordOfName = /^key$/i;

/** The kind of the name that ends at `end`: one word, or two where the last is `key`. */
export function kindOfName(scan: Scan, end: number): SecretKind | undefined {
  const { text } = scan;
  if (!mayNameSecret(text, end)) return undefined;
  const length = scan.runBefore("unreserved", end, longestName);
  const name = text.slice(end - length, end);
  const kind = secretKindOf(name);
  const before = end - length - 1;
  if (kind !== undefined || text[before] !== " " || !wordOfName.test(name)) return kind;
  return secretKindOf(`${text.slice(before - scan.runBefore("unreserved", before, longestName), before)}-${name}`);
}

/** Behind the separator, its second character and the spaces. */
function valueStart(scan: Scan, at: number): number {
  const { text } = scan;
  let start = at + 1;
  if (text[start] === "=" || text[start] === ">") start += 1;
  const last = start + 8;
  start += marksAt(text, start);
  while (start < last && (text[start] === " " || text[start] === "\t")) start += 1;
  const marks = marksAt(text, start);
  if (text[start + marks] !== " ") start += marks;
  scan.steps += start - at;
  return start;
}

/** How many marks of emphasis stand at `at`; more of them hide a value. */
function marksAt(text: string, at: number): number {
  const length = text[at] !== "*" ? 0 : text[at + 1] === "*" ? 2 : 1;
  return text[at + length] === "*" ? 0 : length;
}

export interface Value {
  readonly start: number;
  readonly end: number;
  readonly isQuoted?: boolean;
}

const quotes = "\"'`";

/** A value in quotes up to the closing one on the same line, or a run without a quote. */
export function valueAt(scan: Scan, at: number): Value | undefined {
  const { text } = scan;
  const isEscaped = text[at] === "\\";
  const quote = text[isEscaped ? at + 1 : at] ?? "";
  if (quote === "" || !quotes.includes(quote)) return { start: at, end: scan.runEnd("value", at) };
  const start = at + (isEscaped ? 2 : 1);
  const closing = isEscaped ? `\\${quote}` : quote;
  let end = start;
  const last = Math.min(text.length, start + longestQuoted);
  while (end < last && text[end] !== "\n" && !text.startsWith(closing, end)) end += text[end] === "\\" && !isEscaped ? 2 : 1;
  scan.steps += end - start;
  if (end >= last && !text.startsWith(closing, end)) return { start, end: scan.runEnd("value", start) };
  return { start, end, isQuoted: true };
}

const schemes = new Set(["bearer", "basic", "token", "apikey", "digest", "negotiate", "key"]);
const longestScheme = 10;

/** The credential behind the scheme, or the value itself. */
function headerValue(scan: Scan, at: number): Value | undefined {
  const { text } = scan;
  const start = at + (quotes.includes(text[at] ?? " ") ? 1 : 0);
  const wordEnd = Math.min(scan.runEnd("alnum", start), start + longestScheme);
  const hasScheme = text[wordEnd] === " " && schemes.has(text.slice(start, wordEnd).toLowerCase());
  const from = hasScheme ? wordEnd + 1 : start;
  const end = scan.runEnd("bearer", from);
  return end === from ? undefined : { start: from, end };
}
