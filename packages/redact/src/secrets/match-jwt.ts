import { alphabets, isDigit } from "../alphabets.ts";
import { isWordStart } from "../boundary.ts";
import type { Matcher, Scan } from "../scan.ts";
import { secretsRule } from "./secrets-rule.ts";

const leastHeader = 12;
const leastPart = 12;
const leastSignature = 8;
/** Of HS256, ES256 and RS256: the next line is no part of a signature that is whole. */
const wholeSignatures = new Set([43, 86, 342]);
/** A line of a part that a mail program or a terminal broke. */
const leastLine = 16;
const leastRest = 8;
const mostLines = 64;
const dot = /(?:[ \t]*\r?\n[ \t>]*)?\.(?:[ \t]*\r?\n[ \t>]*)?/y;
const lineBreak = /[ \t]*(?:\r?\n|\\n)[ \t>]*/y;

/** Finds JSON web tokens (RFC 7519) that were broken over lines, and those without their signature: what they claim is personal, too. */
export const jwtMatcher: Matcher = {
  starts: [["e", "y", "J"]],
  match(scan, at) {
    const { text } = scan;
    const headerEnd = scan.runEnd("base64url", at);
    if (headerEnd - at < leastHeader || !isWordStart(text, at)) return undefined;
    const payload = matchEnd(dot, text, headerEnd);
    if (payload === undefined) return undefined;
    const payloadEnd = partEnd(scan, payload);
    const signature = matchEnd(dot, text, payloadEnd);
    const end = signature === undefined ? payloadEnd : signatureEnd(scan, signature);
    const isSigned = signature !== undefined && end - signature >= leastSignature;
    // What is encrypted has two more parts, and is another rule's.
    if (isSigned && text[end] === "." && alphabets.base64url[text.charCodeAt(end + 1)] === 1) return undefined;
    if (payloadEnd - payload < leastPart || !(isSigned || text.startsWith("eyJ", payload))) return undefined;
    return { start: at, end: isSigned ? end : payloadEnd, rule: secretsRule };
  },
};

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

function signatureEnd(scan: Scan, from: number): number {
  const lineEnd = scan.runEnd("base64url", from);
  return wholeSignatures.has(lineEnd - from) ? lineEnd : partEnd(scan, from);
}

/** Where a part ends that may continue on the next lines. */
function partEnd(scan: Scan, from: number): number {
  const { text } = scan;
  let start = from;
  let end = scan.runEnd("base64url", start);
  for (let line = 0; line < mostLines && end - start >= leastLine; line += 1) {
    const next = matchEnd(lineBreak, text, end);
    if (next === undefined) break;
    const nextEnd = scan.runEnd("base64url", next);
    scan.steps += next - end;
    if (nextEnd - next < leastRest || !isMixedLine(text, next, nextEnd)) break;
    [start, end] = [next, nextEnd];
  }
  return end;
}

/** No word: a digit beside anything else, or a capital behind a small letter. */
function isMixedLine(text: string, start: number, end: number): boolean {
  let isMixed = false;
  for (let at = start + 1; at < Math.min(end, start + 64); at += 1) {
    const [before, code] = [text.charCodeAt(at - 1), text.charCodeAt(at)];
    isMixed ||=
      isDigit(code) !== isDigit(before) || (alphabets.lower[before] === 1 && alphabets.upper[code] === 1 && !isDigit(code));
  }
  return isMixed;
}
