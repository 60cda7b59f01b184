import { alphabets } from "../alphabets.ts";
import { any, type Matcher, type Scan } from "../scan.ts";
import { kindOfName, longestQuoted, secretHit, valueAt } from "./match-assignment.ts";
import { mayNameSecret } from "./secret-names.ts";

/** `The password is …`, in the languages of the names. */
const verbs: readonly string[] = [" is ", " ist ", " lautet "];
const leastStated = 8;
/** `base64-encoded` says how a password is written. */
const joinedWords = /^[a-z]+\d*(?:-[a-z]+)+[.:?]?$/;

/** Finds the password of a sentence. It has a digit: `the password is required!` says nothing of it. */
export const statementMatcher: Matcher = {
  starts: [
    [" ", "i", "s"],
    [" ", "l", "a"],
  ],
  match(scan, at) {
    if (!mayNameSecret(scan.text, at)) return undefined;
    const verb = verbs.find((word) => scan.startsWith(word, at));
    if (verb === undefined || kindOfName(scan, at) !== "password") return undefined;
    const value = valueAt(scan, at + verb.length);
    return value !== undefined && isStated(scan, value.start, value.end) ? secretHit(scan, "password", value) : undefined;
  },
};

function isStated(scan: Scan, start: number, end: number): boolean {
  scan.steps += end - start;
  const value = scan.text.slice(start, Math.min(end, start + longestQuoted));
  return value.length >= leastStated && /\d/.test(value) && !joinedWords.test(value);
}

/** The longest name of an element. */
const longestElement = 64;
const openingName = /<(?:[\w.-]{1,32}:)?[\w.~-]+$/;

/** Finds the content of `<password>…</password>`. */
export const elementMatcher: Matcher = {
  starts: [[">", alphabets.value, any]],
  match(scan, at) {
    const { text } = scan;
    const kind = kindOfName(scan, at);
    if (kind === undefined || !openingName.test(text.slice(Math.max(0, at - longestElement), at))) return undefined;
    const start = at + 1;
    let end = start;
    while (end < start + longestQuoted && end < text.length && text[end] !== "<" && text[end] !== "\n") end += 1;
    scan.steps += longestElement + end - start;
    return text.startsWith("</", end) ? secretHit(scan, kind, { start, end, isQuoted: true }) : undefined;
  },
};

/** Finds the value of `--password …`; with `=` it is an assignment. */
export const flagMatcher: Matcher = {
  starts: [["-", "-", "abcdefghijklmnopqrstuvwxyz"]],
  match(scan, at) {
    if (at > 0 && alphabets.dashed[scan.text.charCodeAt(at - 1)] === 1) return undefined;
    const end = scan.runEnd("dashed", at);
    if (scan.text[end] !== " ") return undefined;
    const kind = kindOfName(scan, end);
    return kind === undefined || kind === "header" ? undefined : secretHit(scan, kind, valueAt(scan, end + 1));
  },
};
