import { isAlnumAt } from "../alphabets.ts";
import type { Hit, Matcher, Scan } from "../scan.ts";
import { isPlaceholder } from "./placeholder.ts";
import { looksRandom } from "./randomness.ts";
import { secretsRule } from "./secrets-rule.ts";

const leastTokenAlone = 20;
const leastCutPassword = 4;

/** Finds `user:password@` in a URL, and a token in the place of a user. Other user names stay; none of them is an e-mail address. */
export const urlUserMatcher: Matcher = {
  starts: [[":", "/", "/"]],
  match(scan, at) {
    const { text } = scan;
    if (!isAlnumAt(text, at - 1)) return undefined;
    const start = at + 3;
    const end = scan.runEnd("authority", start);
    scan.authorityEnd = end;
    return userInfoHit(scan, start, end);
  },
};

/** What was cut off before its `@`: behind the colon of a host there are digits only. */
function cutUserInfo(text: string, start: number, end: number): Hit | undefined {
  const colon = text.slice(start, end).indexOf(":");
  const password = colon < 0 ? "" : text.slice(start + colon + 1, end);
  return password.length >= leastCutPassword && /\D/.test(password) ? { start, end, rule: secretsRule } : undefined;
}

function userInfoHit(scan: Scan, start: number, end: number): Hit | undefined {
  const { text } = scan;
  let at = end - 1;
  while (at >= start && text[at] !== "@") at -= 1;
  scan.steps += end - at;
  if (at < start) return scan.isCutAt(end) ? cutUserInfo(text, start, end) : unescapedHit(scan, start, end);
  if (at === start) return undefined;
  const colon = text.slice(start, at).indexOf(":");
  const password = colon < 0 ? "" : text.slice(start + colon + 1, at);
  const isSecret = colon < 0 ? looksRandom(text.slice(start, at), leastTokenAlone) : password !== "" && !isPlaceholder(password);
  return isSecret ? { start, end: at, rule: secretsRule } : undefined;
}

/** A port has digits only, and a name of a host no sign. */
const unescaped = /^[^:@/]{0,64}:(?=[^@]*\d)(?=[^@]*[A-Za-z])[^@\s"'<>`]{6,64}@(?=[\w.-]{4})/;
const longestUnescaped = 160;

/** `user:password@` whose password holds a `/`, `?` or `#`, which should have been escaped. */
function unescapedHit(scan: Scan, start: number, end: number): Hit | undefined {
  const { text } = scan;
  if (!"/?#".includes(text[end] ?? " ") || !/:(?!\d*$)/.test(text.slice(start, Math.min(end, start + longestUnescaped))))
    return undefined;
  scan.steps += longestUnescaped;
  const match = unescaped.exec(text.slice(start, start + longestUnescaped))?.[0];
  if (match === undefined) return undefined;
  const at = start + match.length - 1;
  scan.authorityEnd = Math.max(scan.authorityEnd, at + 1);
  return { start, end: at, rule: secretsRule };
}
