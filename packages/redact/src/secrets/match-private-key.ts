import type { Matcher, Scan } from "../scan.ts";
import { secretsRule } from "./secrets-rule.ts";

const dashes = "-----";
const longestLabel = 48;
/** A line of a key that was cut off. */
const leastLine = 16;

/** Finds private keys in PEM and PGP armour, on one line with `\n` in it or on many, also when their end was cut off. */
export const privateKeyMatcher: Matcher = {
  starts: [["-", "B", "E"]],
  match(scan, at) {
    const { text } = scan;
    const start = at + 1 - dashes.length;
    if (start < scan.floor || !scan.startsWith(`${dashes}BEGIN `, start)) return undefined;
    const labelEnd = text.slice(at, at + longestLabel).indexOf(dashes, 1);
    scan.steps += longestLabel;
    if (
      labelEnd < 0 ||
      !/ KEY(?: BLOCK)?$/.test(text.slice(at, at + labelEnd)) ||
      !text.slice(at, at + labelEnd).includes("PRIVATE")
    )
      return undefined;
    const bodyStart = at + labelEnd + dashes.length;
    return { start, end: footerEnd(scan, bodyStart) ?? bodyEnd(scan, bodyStart), rule: secretsRule };
  },
};

/** Behind the next footer, unless that is the end of something else. */
function footerEnd(scan: Scan, from: number): number | undefined {
  const footer = nextFooter(scan, from);
  if (footer === Number.POSITIVE_INFINITY) return undefined;
  const labelStart = footer + dashes.length;
  const label = scan.text.slice(labelStart, labelStart + longestLabel);
  const close = label.indexOf(dashes);
  scan.steps += longestLabel;
  return close > 0 && label.slice(0, close).includes("PRIVATE") ? labelStart + close + dashes.length : undefined;
}

/** Where the next footer begins, from memory where it was looked for before. */
function nextFooter(scan: Scan, from: number): number {
  if (from <= scan.keyFooter) return scan.keyFooter;
  const found = scan.text.indexOf(`${dashes}END `, from);
  scan.keyFooter = found < 0 ? Number.POSITIVE_INFINITY : found;
  scan.steps += (found < 0 ? scan.text.length : found) - from;
  return scan.keyFooter;
}

/** Behind the last line that can be one of a key. */
function bodyEnd(scan: Scan, from: number): number {
  const { text } = scan;
  let end = from;
  for (;;) {
    let at = end;
    while (at < text.length && isGap(text, at)) at += text[at] === "\\" ? 2 : 1;
    const lineEnd = scan.runEnd("base64", at);
    scan.steps += at - end + 1;
    if (lineEnd - at < leastLine) return scan.isCutAt(lineEnd) ? lineEnd : end;
    end = lineEnd;
  }
}

function isGap(text: string, at: number): boolean {
  const character = text.charAt(at);
  return (
    character === "\n" || character === "\r" || character === " " || (character === "\\" && "nr".includes(text[at + 1] ?? " "))
  );
}
