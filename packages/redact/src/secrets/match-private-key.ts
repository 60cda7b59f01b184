import type { Hit, KeyFooter, Matcher, Scan } from "../scan.ts";
import { keyEnd, keyStart } from "./key-body.ts";
import { secretsRule } from "./secrets-rule.ts";

/** Five hyphens in PEM, four in SSH2; programs that write text make dashes of two or three. */
const dashes = "-\u2013\u2014";
const mostDashes = 6;
const longestMark = 80;
const marked = /^(?:BEGIN|END) ([A-Z0-9 ]{11,64})[-\u2013\u2014]{2,6}/;
const label = /PRIVATE KEY(?: BLOCK)? ?$/;
/** In the files of PuTTY. */
const privateLines = /^Private-Lines: \d{1,3}/;

/** Finds private keys in PEM, PGP armour and files of PuTTY, on one line or on many, also when their beginning or their end was cut off. */
export const privateKeyMatcher: Matcher = {
  starts: [
    ["B", "E", "G"],
    ["E", "N", "D"],
    ["P", "r", "i"],
  ],
  match(scan, at) {
    scan.steps += longestMark;
    const first = scan.text[at];
    if (first === "P") return behindPrivateLines(scan, at);
    const start = markStart(scan, at);
    const mark = start === undefined ? undefined : markAt(scan, at);
    if (start === undefined || mark === undefined) return undefined;
    const end = at + mark.length;
    if (first === "B") return headedKey(scan, start, end);
    // Without its header.
    const keyStartsAt = keyStart(scan, start);
    return keyStartsAt === undefined ? undefined : { start: keyStartsAt, end, rule: secretsRule };
  },
};

/** A header that no key follows is a word of a sentence. */
function headedKey(scan: Scan, start: number, bodyStart: number): Hit | undefined {
  const end = footerEnd(scan, bodyStart) ?? keyEnd(scan, bodyStart);
  return end === bodyStart ? undefined : { start, end, rule: secretsRule };
}

function behindPrivateLines(scan: Scan, at: number): Hit | undefined {
  const mark = privateLines.exec(scan.text.slice(at, at + longestMark))?.[0];
  if (mark === undefined) return undefined;
  const start = at + mark.length;
  const end = keyEnd(scan, start);
  return end === start ? undefined : { start, end, rule: secretsRule };
}

/** `BEGIN RSA PRIVATE KEY-----`, or so with END. */
function markAt({ text }: Scan, at: number): string | undefined {
  const found = marked.exec(text.slice(at, at + longestMark));
  return found !== null && label.test(found[1]!) ? found[0] : undefined;
}

/** Where the dashes before a mark begin. */
function markStart({ text, floor }: Scan, at: number): number | undefined {
  const behind = text[at - 1] === " " ? at - 1 : at;
  const lowest = Math.max(floor, behind - mostDashes);
  let start = behind;
  while (start > lowest && dashes.includes(text.charAt(start - 1))) start -= 1;
  return behind - start < 2 ? undefined : start;
}

const pemDashes = "-----";

/** Behind the next footer, unless that is the end of something else or another header stands before it. */
function footerEnd(scan: Scan, from: number): number | undefined {
  const { at, header: lastHeader } = nextFooter(scan, from);
  if (at === Number.POSITIVE_INFINITY || lastHeader >= from) return undefined;
  const start = at + pemDashes.length;
  const mark = markAt(scan, start);
  return mark === undefined ? undefined : start + mark.length;
}

/** The next footer and the last header before it, from memory where they were looked for before. */
function nextFooter(scan: Scan, from: number): KeyFooter {
  if (from <= scan.keyFooter.at) return scan.keyFooter;
  const found = scan.text.indexOf(`${pemDashes}END `, from);
  const at = found < 0 ? Number.POSITIVE_INFINITY : found;
  scan.keyFooter = { at, header: found < 0 ? -1 : scan.text.slice(from, at).lastIndexOf(`${pemDashes}BEGIN `) + from };
  scan.steps += 2 * ((found < 0 ? scan.text.length : found) - from);
  return scan.keyFooter;
}
