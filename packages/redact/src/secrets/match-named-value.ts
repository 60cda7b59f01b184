import { alphabets } from "../alphabets.ts";
import { any, type Matcher } from "../scan.ts";
import { secretHit } from "./judge-value.ts";
import { kindOfName } from "./name-before.ts";
import { longestQuoted, valueAt } from "./value.ts";

/** The longest name of an element. */
const longestElement = 96;
const openingName = /<(?:[\w.-]{1,32}:)?[\w.~-]+$/;
/** `<entry key="password">` */
const attribute = /<[\w:.-]{1,32} (?:key|name|id)=["'][\w.-]{1,48}["']$/;

/** Finds the content of `<password>…</password>`. */
export const elementMatcher: Matcher = {
  starts: [[">", alphabets.value, any]],
  match(scan, at) {
    const { text } = scan;
    const isAttribute = text[at - 1] === '"' || text[at - 1] === "'";
    const kind = kindOfName(scan, isAttribute ? at - 1 : at);
    if (kind === undefined) return undefined;
    const tag = text.slice(Math.max(0, at - longestElement), at);
    if (!(isAttribute ? attribute : openingName).test(tag)) return undefined;
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

const bearer = /bearer /iy;
const leastBearer = 20;

/** Finds the token of `Bearer …` without the name of its header. */
export const bearerMatcher: Matcher = {
  starts: [["bB", "eE", "aA"]],
  match(scan, at) {
    bearer.lastIndex = at;
    if (!bearer.test(scan.text)) return undefined;
    const start = bearer.lastIndex;
    const end = scan.runEnd("bearer", start);
    return secretHit(scan, "token", end - start < leastBearer ? undefined : { start, end, isQuoted: true });
  },
};
