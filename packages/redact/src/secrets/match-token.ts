import { isWordEnd, isWordStart } from "../boundary.ts";
import { alphabets, isDigit } from "../alphabets.ts";
import { any, type CharacterSet, type Hit, type Matcher, type Scan } from "../scan.ts";
import { secretsRule } from "./secrets-rule.ts";
import type { Run, TokenRule } from "./token-rule.ts";

/** Finds the tokens of one rule. Nothing is tried twice: a run is whole, and the literal behind it cannot be part of it. */
export function tokenMatcher(rule: TokenRule): Matcher {
  return { starts: [startOfRule(rule)], match: (scan, at) => matchToken(rule, scan, at) };
}

/** The first three characters: of the literal, then of the part behind it. */
function startOfRule({ literal, parts: [part] }: TokenRule): readonly [CharacterSet, CharacterSet, CharacterSet] {
  const behind = part === undefined || typeof part === "string" || part.min < 2 ? any : alphabets[part.of];
  const [first, second, third] = literal.split("");
  return [first!, second ?? behind, third ?? behind];
}

function matchToken(
  { before, literal, parts, anywhere = false, mixed = false }: TokenRule,
  scan: Scan,
  at: number,
): Hit | undefined {
  const { text } = scan;
  if (literal.length > 3 && !scan.startsWith(literal, at)) return undefined;
  const start = before === undefined ? at : startOf(scan, before, at);
  if (start < 0) return undefined;
  if (!anywhere && !isWordStart(text, start)) return undefined;
  let end = at + literal.length;
  for (const part of parts) {
    end = partEnd(scan, part, end);
    if (end < 0) return undefined;
  }
  if (!isWordEnd(text, end) && !endsWithPunctuation(text, end)) return undefined;
  if (mixed && !isMixed(scan, at + literal.length, end)) return undefined;
  return { start, end, rule: secretsRule };
}

function startOf(scan: Scan, { of, min, max = min }: Run, at: number): number {
  const length = scan.runBefore(of, at, max + 1);
  // One too many may be the letter of a `\n` in front.
  if (length > max) return isWordStart(scan.text, at - max) ? at - max : -1;
  return length >= min ? at - length : -1;
}

/** Where a part that begins at `at` ends; -1 when it is not there. */
function partEnd(scan: Scan, part: string | Run, at: number): number {
  if (typeof part === "string") return scan.startsWith(part, at) ? at + part.length : -1;
  const end = scan.runEnd(part.of, at);
  const length = end - at;
  if (length < part.min || (part.max !== undefined && length > part.max)) return -1;
  return end;
}

/** A literal such as `eyJ….eyJ….` ends the token itself. */
function endsWithPunctuation(text: string, end: number): boolean {
  return alphabets.alnum[text.charCodeAt(end - 1)] !== 1;
}

/** Looks no further: a run of one letter must not be walked from each of its characters. */
const mixedWithin = 64;

function isMixed(scan: Scan, start: number, end: number): boolean {
  const { text } = scan;
  const last = Math.min(end, start + mixedWithin);
  let hasDigit = false;
  let hasLetter = false;
  scan.steps += last - start;
  for (let at = start; at < last; at += 1) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) hasDigit = true;
    else if (alphabets.alnum[code] === 1) hasLetter = true;
    if (hasDigit && hasLetter) return true;
  }
  return false;
}
