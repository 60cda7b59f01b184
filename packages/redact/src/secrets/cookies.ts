import type { Hit, Scan } from "../scan.ts";
import { looksRandom } from "./randomness.ts";
import { secretsRule } from "./secrets-rule.ts";

const longestCookies = 4_096;
const leastValue = 16;
const leastNamed = 8;
const pair = /[^;,\s"'\\]+/g;
const session = /sess|sid=$|auth|token|csrf|xsrf|jwt|login|remember/i;

/** The values of `Cookie: session=…; theme=dark` that are secret, by their name or by how they look. */
export function cookieHits(scan: Scan, start: number): readonly Hit[] {
  // What one header holds is not looked through again for another on the same line.
  if (start < scan.cookiesEnd) return [];
  const line = scan.text.slice(start, start + longestCookies).split(/[\r\n]/, 1)[0]!;
  scan.steps += line.length;
  scan.cookiesEnd = start + line.length;
  const hits: Hit[] = [];
  for (const { 0: text, index } of line.matchAll(pair)) {
    const valueAt = text.indexOf("=") + 1;
    if (valueAt < 2 || !looksRandom(text.slice(valueAt), session.test(text.slice(0, valueAt)) ? leastNamed : leastValue))
      continue;
    hits.push({ start: start + index + valueAt, end: start + index + text.length, rule: secretsRule });
  }
  return hits;
}
