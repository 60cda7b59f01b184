import { alphabets, isAlnumAt, isDigit } from "../alphabets.ts";
import type { Hit, Matcher, Scan } from "../scan.ts";
import { beginsIssuer, hasIssuer } from "./card-issuers.ts";

const rule = "card";
const fewestDigits = 12;
const mostDigits = 19;
/** Of a number that was cut off. The first six to eight digits are the issuer's. */
const fewestOfCut = 7;
/** Of the digits, and a separator after each fourth. */
const longest = mostDigits + 5;

/** Finds card numbers: the digits of an issuer, as many as it gives, with a right check digit, in one piece or in the groups of a card. */
export const cardMatcher: Matcher = {
  starts: [["2345689", alphabets.digit, alphabets.digit]],
  match(scan, at) {
    const { text } = scan;
    if (at > 0 && (isAlnumAt(text, at - 1) || isInNumber(text, at))) return undefined;
    return cardAt(scan, at);
  },
};

/** Behind the decimal point, the sign or the separator of a longer number. */
function isInNumber(text: string, at: number): boolean {
  return ".,-_".includes(text.charAt(at - 1)) && isAlnumAt(text, at - 2);
}

function cardAt(scan: Scan, at: number): Hit | undefined {
  const { text } = scan;
  let digits = "";
  let separator: string | undefined;
  const groups: number[] = [0];
  let best: Hit | undefined;
  let end = at;
  const last = Math.min(text.length, at + longest);
  for (; end < last; end += 1) {
    const character = text.charAt(end);
    if (isDigit(text.charCodeAt(end))) {
      digits += character;
      groups.push((groups.pop() ?? 0) + 1);
      if (digits.length > mostDigits) break;
      if (digits.length >= fewestDigits && isWhole(text, end + 1) && isCard(digits, groups))
        best = { start: at, end: end + 1, rule };
      continue;
    }
    if (character !== " " && character !== "-") break;
    if ((separator ??= character) !== character || !isDigit(text.charCodeAt(end + 1))) break;
    groups.push(0);
  }
  scan.steps += end - at + 1;
  if (best !== undefined || digits.length < fewestOfCut || !scan.isCutAt(end)) return best;
  return beginsGroups(groups) && beginsIssuer(digits) ? { start: at, end, rule } : undefined;
}

/** Not the beginning of a word, or of a decimal. */
function isWhole(text: string, end: number): boolean {
  if (isAlnumAt(text, end)) return false;
  return !(".,".includes(text[end] ?? " ") && isDigit(text.charCodeAt(end + 1)));
}

function isCard(digits: string, groups: readonly number[]): boolean {
  return isGrouped(groups) && hasIssuer(digits) && isLuhn(digits);
}

/** In one piece, 4-4-4-4 with a rest, or as American Express and Diners Club print them. */
function isGrouped(groups: readonly number[]): boolean {
  if (groups.length === 1) return true;
  if (groups.length === 3 && groups[0] === 4 && groups[1] === 6) return groups[2] === 4 || groups[2] === 5;
  if (groups.length < 3) return false;
  return groups.every((count, index) => count === 4 || (count === 3 && index === groups.length - 1));
}

/** Groups of which the last one was cut off. */
function beginsGroups(groups: readonly number[]): boolean {
  const last = groups.at(-1) ?? 0;
  const before = groups.slice(0, -1);
  if (before.every((count) => count === 4)) return before.length === 0 || last <= 4 || (before.length === 1 && last <= 6);
  return before.length === 2 && before[0] === 4 && before[1] === 6 && last <= 5;
}

/** ISO/IEC 7812-1, annex B. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 0x30;
    const doubled = at % 2 === 0 ? digit : digit * 2;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
