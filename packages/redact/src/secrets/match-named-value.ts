import { alphabets } from "../alphabets.ts";
import { any, type Matcher } from "../scan.ts";
import { secretHit } from "./judge-value.ts";
import { kindOfName } from "./name-before.ts";
import { longestQuoted, valueAt } from "./value.ts";

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

/** Finds the value of `--password …` and, in PowerShell, `-Password …`; with `=` it is an assignment. */
export const flagMatcher: Matcher = {
  starts: [
    ["-", "-", "abcdefghijklmnopqrstuvwxyz"],
    ["-", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"],
  ],
  match(scan, at) {
    if (at > 0 && alphabets.dashed[scan.text.charCodeAt(at - 1)] === 1) return undefined;
    const end = scan.runEnd("dashed", at);
    if (scan.text[end] !== " ") return undefined;
    const kind = kindOfName(scan, end);
    return kind === undefined || kind === "header" || kind === "cookie"
      ? undefined
      : secretHit(scan, kind, valueAt(scan, end + 1));
  },
};
