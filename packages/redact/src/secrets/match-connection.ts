import type { Hit, Matcher, Scan } from "../scan.ts";
import { nearHit } from "./judge-value.ts";
import { isPlaceholder } from "./placeholder.ts";
import { secretsRule } from "./secrets-rule.ts";
import { valueAt } from "./value.ts";

const longest = 256;
const leastCode = 8;
const leastPassword = 4;
const oracle = /(?<=thin:)[\w.$#]{1,64}\/([^\s@"'/]{4,128})@/y;
const wifi = /WIFI:(?:[A-OQ-Z]:[^;\n]{0,64};){0,6}P:((?:\\.|[^;\\\n]){4,128});/y;
const authenticator = /otpauth(?:-migration)?:\/\/[^\s"'<>]{1,200}?[?&](?:secret|data)=/y;
const statement = /identified(?: with \w{1,40})? by (?:password )?(?=["'])/iy;

/** Finds the passwords and codes of connections and devices that no name and no form shows. */
export const connectionMatcher: Matcher = {
  starts: [
    // `user:password@tcp(host:3306)/name`, as Go writes it.
    ["@", "tu", "cn"],
    // `jdbc:oracle:thin:user/password@host`
    ["n", ":", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"],
    // The QR code of a network.
    ["W", "I", "F"],
    // The QR code of an authenticator.
    ["o", "t", "p"],
    // SQL.
    ["iI", "dD", "eE"],
  ],
  match(scan, at) {
    switch (scan.text[at]) {
      case "@":
        goHit(scan, at);
        return undefined;
      case "n":
        return groupHit(scan, oracle, at + 2);
      case "W":
        return groupHit(scan, wifi, at);
      case "o":
        return authenticatorHit(scan, at);
      default:
        return statementHit(scan, at);
    }
  },
};

function goHit(scan: Scan, at: number): undefined {
  const { text, floor } = scan;
  if (!text.startsWith("tcp(", at + 1) && !text.startsWith("unix(", at + 1)) return;
  const lowest = Math.max(floor, at - longest);
  let start = at;
  while (start > lowest && !" \t\n\"'`=".includes(text.charAt(start - 1))) start -= 1;
  scan.steps += at - start;
  const colon = text.slice(start, at).indexOf(":");
  const password = text.slice(start + colon + 1, at);
  // It ends where it was found, and the pass goes forward.
  if (colon > 0 && password.length >= leastPassword && !isPlaceholder(password))
    scan.ahead.push({ start: start + colon + 1, end: at, rule: secretsRule });
}

/** The hit for the one group of `pattern`, which begins at `at` and ends with one more character behind the group. */
function groupHit(scan: Scan, pattern: RegExp, at: number): Hit | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(scan.text);
  if (match === null) return undefined;
  scan.steps += match[0].length;
  const end = pattern.lastIndex - 1;
  return isPlaceholder(match[1]!) ? undefined : { start: end - match[1]!.length, end, rule: secretsRule };
}

function authenticatorHit(scan: Scan, at: number): Hit | undefined {
  authenticator.lastIndex = at;
  if (!authenticator.test(scan.text)) return undefined;
  const start = authenticator.lastIndex;
  const end = scan.runEnd("value", start);
  const code = scan.text.slice(start, end);
  scan.steps += longest;
  return code.length < leastCode || isPlaceholder(code) ? undefined : { start, end, rule: secretsRule };
}

/** `IDENTIFIED BY '…'` */
function statementHit(scan: Scan, at: number): Hit | undefined {
  statement.lastIndex = at;
  return statement.test(scan.text) ? nearHit(scan, "password", valueAt(scan, statement.lastIndex)) : undefined;
}
