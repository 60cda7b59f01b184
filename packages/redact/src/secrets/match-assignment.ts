import { any, type Matcher, type Scan } from "../scan.ts";
import { cookieHits } from "./cookies.ts";
import { loginHit, nextLineHit, secretHit, spokenHit } from "./judge-value.ts";
import { kindOfName } from "./name-before.ts";
import { secretKindOf, type SecretKind } from "./secret-names.ts";
import { isLineEnd, spokenValue, type Value, valueAt, valueStart } from "./value.ts";

/** Finds the values of `password=…`, `"apiKey": "…"`, `Authorization: Bearer …`: the name says that there is one, the value has to look it. */
export const assignmentMatcher: Matcher = {
  starts: [["=:", any, any]],
  match(scan, at) {
    const kind = kindBefore(scan, at);
    if (kind === undefined) return undefined;
    const start = valueStart(scan, at);
    if (kind === "header") return secretHit(scan, kind, headerValue(scan, start));
    if (kind === "cookie") {
      scan.ahead.push(...cookieHits(scan, start));
      return undefined;
    }
    const login = kind === "login" ? loginHit(scan, start) : undefined;
    if (login !== undefined) return login;
    if (isLineEnd(scan.text, start)) return nextLineHit(scan, kind, start);
    return secretHit(scan, kind, kind === "password" && start > at + 1 ? writtenValue(scan, start) : valueAt(scan, start));
  },
};

/** Finds the value of `set("API_KEY", "…")` and `define('DB_PASSWORD', '…')`. */
export const argumentMatcher: Matcher = {
  starts: [["\"'", ",", any]],
  match(scan, at) {
    const kind = kindOfName(scan, at);
    if (kind === undefined || kind === "cookie") return undefined;
    const start = valueStart(scan, at + 1);
    if (scan.text[start] !== scan.text[at]) return undefined;
    // In a list of names of headers, another name follows.
    if (kind === "header") return secretHit(scan, "token", headerValue(scan, start));
    return kind === "password" ? spokenHit(scan, kind, start) : secretHit(scan, kind, valueAt(scan, start));
  },
};

/** `getPassword(user),`, `z.string().min(8)`: a call. */
const call = /^[\w$.]+[([{<][\w$.,"'()[\]{}<>\s/-]*(?:;[;,]*)?$/;

/** The value behind `password: `, which may hold signs that end a value in code or in a URL. */
function writtenValue(scan: Scan, start: number): Value | undefined {
  const plain = valueAt(scan, start);
  if (plain.isQuoted === true) return plain;
  const spoken = spokenValue(scan, start);
  if (spoken.end <= plain.end) return plain;
  return call.test(scan.text.slice(spoken.start, spoken.end)) ? undefined : spoken;
}

/** The kind of the name before a separator, which quotes, spaces, marks of Markdown and a second character of the separator may surround. */
function kindBefore(scan: Scan, at: number): SecretKind | undefined {
  const { text } = scan;
  let end = at;
  while (end > at - 6 && end > 0 && fillers.includes(text.charAt(end - 1))) end -= 1;
  return kindOfName(scan, end) ?? kindOfPair(scan, end);
}

const fillers = " \"'\\`]*";
/** `name: DB_PASSWORD`, `key="password"`, before `value`. */
const nameBefore = /(?:name|key|field|label|param(?:eter)?)["']?\s{0,2}[:=]\s{0,2}["']?([\w.-]{2,64})["']?[\s,;>-]{1,24}["']?$/i;
const longestPair = 128;

/** The kind of `value`: the one of the name that an entry gives before. */
function kindOfPair(scan: Scan, end: number): SecretKind | undefined {
  const start = end - "value".length;
  if ((scan.text.charCodeAt(end - 1) | 0x20) !== 0x65 || scan.text.slice(Math.max(0, start), end).toLowerCase() !== "value")
    return undefined;
  scan.steps += longestPair;
  const name = nameBefore.exec(scan.text.slice(Math.max(scan.floor, start - longestPair), start))?.[1];
  const kind = name === undefined ? undefined : secretKindOf(name);
  return kind === "cookie" ? undefined : kind;
}

const quotes = "\"'`";
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
  // `authorization = getAuthorization(request)` is a call.
  return end === from || text[end] === "(" ? undefined : { start: from, end };
}
