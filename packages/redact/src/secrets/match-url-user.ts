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
  if (at < start && scan.isCutAt(end)) return cutUserInfo(text, start, end);
  if (at <= start) return undefined;
  const colon = text.slice(start, at).indexOf(":");
  const password = colon < 0 ? "" : text.slice(start + colon + 1, at);
  const isSecret = colon < 0 ? looksRandom(text.slice(start, at), leastTokenAlone) : password !== "" && !isPlaceholder(password);
  return isSecret ? { start, end: at, rule: secretsRule } : undefined;
}
