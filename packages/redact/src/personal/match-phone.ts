import { alphabets, isAlnumAt, isDigit } from "../alphabets.ts";
import type { Hit, Matcher, Scan } from "../scan.ts";
import { beginsInternationalNumber, isInternationalNumber, isNorthAmerican } from "./calling-codes.ts";

const rule = "phone";
/** ITU-T E.164: at most 15 digits. */
const mostDigits = 15;
/** With separators, a trunk zero in brackets and an extension. */
const longest = 32;
const fewestLabelled = 6;
/** Of a number that was cut off. */
const fewestOfCut = 5;
const separators = " -./()";
const digitsAndSeparators = `0123456789${separators}`;

/**
 * Finds phone numbers: with `+` or `00` and a country code whose length fits, North American ones in their usual groups, and what follows a
 * word such as `Tel.` in groups of digits. Dates, versions, ids and amounts are none of these.
 */
export const phoneMatcher: Matcher = {
  starts: [
    ["+", "(123456789", digitsAndSeparators],
    ["(", alphabets.digit, alphabets.digit],
    [alphabets.digit, digitsAndSeparators, digitsAndSeparators],
  ],
  match(scan, at) {
    const { text } = scan;
    if (text[at] === "+") return internationalAt(scan, at, at + 1);
    if (isDigit(text.charCodeAt(at)) && !startsNumber(text, at)) return undefined;
    if (text[at] === "0" && text[at + 1] === "0") {
      const hit = internationalAt(scan, at, at + 2);
      if (hit !== undefined && hasGroups(text, hit)) return hit;
    }
    const read = readDigits(scan, text[at] === "(" ? at + 1 : at);
    const fewest = scan.isCutAt(read.end) ? fewestOfCut : fewestLabelled;
    return read.digits.length < fewest ? undefined : (northAmericanAt(scan, at, read) ?? labelledAt(scan, at, read));
  },
};

/** Not inside a word, a decimal, a date, a time or a longer number, and no amount. */
function startsNumber(text: string, at: number): boolean {
  if (at === 0) return true;
  if (isAlnumAt(text, at - 1)) return false;
  const before = text.charAt(at - 1);
  if ("+$€£¥#".includes(before)) return false;
  if (before === ":" || before === "=") return !isDigit(text.charCodeAt(at - 2));
  return !"_-./,".includes(before) || !isAlnumAt(text, at - 2);
}

interface Digits {
  readonly digits: string;
  /** Behind the last digit. */
  readonly end: number;
  /** Digits between separators. */
  readonly groups: readonly number[];
}

/** Digits from `at` on, with at most two separators between them, or a slash or hyphen within spaces. A group that a letter follows ends before it. */
function readDigits(scan: Scan, at: number): Digits {
  const { text } = scan;
  const last = Math.min(text.length, at + longest);
  let digits = "";
  let end = at;
  let gap = 0;
  const groups: number[] = [];
  let position = at;
  for (; position < last; position += 1) {
    const code = text.charCodeAt(position);
    if (isDigit(code)) {
      if (gap > 0 || groups.length === 0) groups.push(0);
      groups.push((groups.pop() ?? 0) + 1);
      gap = 0;
      digits += text.charAt(position);
      end = position + 1;
      if (digits.length > mostDigits) break;
    } else {
      gap += 1;
      if (!isSeparator(text, position) || (gap > 2 && !isWideGap(text, position))) break;
    }
  }
  scan.steps += position - at + 1;
  return { digits, end, groups };
}

/** `030 / 123456`. */
function isWideGap(text: string, at: number): boolean {
  const gap = text.slice(at - 2, at + 1);
  return (gap === " / " || gap === " - ") && isDigit(text.charCodeAt(at - 3));
}

function isSeparator(text: string, at: number): boolean {
  return separators.includes(text.charAt(at));
}

function internationalAt(scan: Scan, start: number, from: number): Hit | undefined {
  const { text } = scan;
  if (start > 0 && (isAlnumAt(text, start - 1) || text[start - 1] === "+")) return undefined;
  const bracketed = text[from] === "(" ? from + 1 : from;
  if (!isDigit(text.charCodeAt(bracketed)) || text[bracketed] === "0") return undefined;
  const read = readDigits(scan, bracketed);
  for (const { digits, end } of shorter(text, withoutTrunkZero(text, bracketed, read))) {
    if (isInternationalNumber(digits) && endsNumber(text, end)) return { start, end, rule };
  }
  const { digits, end } = withoutTrunkZero(text, bracketed, read);
  const isCut = digits.length >= fewestOfCut && scan.isCutAt(end);
  return isCut && beginsInternationalNumber(digits) ? { start, end, rule } : undefined;
}

/** `+49 (0)30 …`: the zero is dialled inside the country only. */
function withoutTrunkZero(text: string, from: number, read: Digits): Digits {
  const zero = text.slice(from, read.end).indexOf("(0)");
  if (zero < 0) return read;
  const before = text.slice(from, from + zero).replaceAll(/\D/g, "").length;
  return { ...read, digits: read.digits.slice(0, before) + read.digits.slice(before + 1) };
}

/** What was read, then without its last group: a price or a time may follow a number. */
function shorter(text: string, read: Digits): readonly Pick<Digits, "digits" | "end">[] {
  const last = read.groups.at(-1) ?? 0;
  if (read.groups.length < 3) return [read];
  let end = read.end - last;
  while (end > 0 && !isDigit(text.charCodeAt(end - 1))) end -= 1;
  return [read, { digits: read.digits.slice(0, -last), end }];
}

/** Not in the middle of a word or a longer number. */
function endsNumber(text: string, end: number): boolean {
  if (isAlnumAt(text, end)) return false;
  return !("-./:".includes(text[end] ?? " ") && isDigit(text.charCodeAt(end + 1)));
}

function hasGroups(text: string, { start, end }: Hit): boolean {
  return end - start > text.slice(start, end).replaceAll(/\D/g, "").length;
}

/** `(212) 555-0142`, `212-555-0142`, `1-212-555-0142`; without brackets only with hyphens or dots, which no date or amount has in these groups. */
function northAmericanAt(scan: Scan, at: number, { digits, end, groups }: Digits): Hit | undefined {
  const { text } = scan;
  const isBracketed = text[at] === "(";
  if (isBracketed && at > 0 && isAlnumAt(text, at - 1)) return undefined;
  const hasOne = groups[0] === 1 && digits[0] === "1";
  const [area, exchange, line] = hasOne ? groups.slice(1) : groups;
  const isCut = line !== undefined && line < 4 && scan.isCutAt(end);
  if (area !== 3 || exchange !== 3 || (line !== 4 && !isCut)) return undefined;
  const written = text.slice(at, end);
  if (!isBracketed && written.includes(" ")) return undefined;
  if (isBracketed && written[4] !== ")") return undefined;
  const isLast = groups.length === (hasOne ? 4 : 3);
  const national = (hasOne ? digits.slice(1) : digits).padEnd(10, "0");
  if (!isLast || !isNorthAmerican(national) || !endsNumber(text, end)) return undefined;
  return { start: at, end, rule };
}

/** Before a number, with a dot, a colon and spaces behind it. */
const labels =
  /(?:^|[^\p{L}\p{N}])(?:tel|telefon|telephone|téléphone|phone|mobile|mobil|handy|cell|fax|whatsapp|ph|mob)(?: ?(?:number|no|nr))?["'.:=)]{0,3} {0,2}["']?$/iu;
const longestBefore = 24;

/** `Tel.: 030 1234567`: the word says what the digits are. */
function labelledAt(scan: Scan, at: number, { digits, end, groups }: Digits): Hit | undefined {
  const { text } = scan;
  if (digits.length > mostDigits || isDate(groups) || !endsNumber(text, end)) return undefined;
  scan.steps += longestBefore;
  return labels.test(text.slice(Math.max(0, at - longestBefore), at)) ? { start: at, end, rule } : undefined;
}

/** 2026-01-31, 31.01.2026. */
function isDate(groups: readonly number[]): boolean {
  const [first = 0, second = 0, third = 0] = groups;
  return groups.length === 3 && second <= 2 && ((first === 4 && third <= 2) || (first <= 2 && third === 4));
}
