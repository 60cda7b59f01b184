import type { Hit, Scan } from "../scan.ts";
import { looksRandom } from "./randomness.ts";
import { secretsRule } from "./secrets-rule.ts";

const longestCookies = 4_096;
const leastValue = 16;
const leastNamed = 8;
const pair = /([\w.-]{1,64})=([^;,\s"'\\]{1,4096})/g;
const session = /sess|sid$|auth|token|csrf|xsrf|jwt|login|remember/i;

/** The values of `Cookie: session=…; theme=dark` that are secret, by their name or by how they look. */
export function cookieHits(scan: Scan, start: number): readonly Hit[] {
  // What one header holds is not looked through again for another on the same line.
  if (start < scan.cookiesEnd) return [];
  const line = scan.text.slice(start, start + longestCookies).split(/[\r\n]/, 1)[0]!;
  scan.steps += line.length;
  scan.cookiesEnd = start + line.length;
  const hits: Hit[] = [];
  for (const { 0: whole, 1: name, 2: value, index } of line.matchAll(pair)) {
    if (!looksRandom(value!, session.test(name!) ? leastNamed : leastValue)) continue;
    const end = start + index + whole.length;
    hits.push({ start: end - value!.length, end, rule: secretsRule });
  }
  return hits;
}
