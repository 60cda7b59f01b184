import type { Hit, Matcher, Scan } from "../scan.ts";
import { cookieHits } from "./cookies.ts";
import { isPlaceholder } from "./placeholder.ts";
import { looksChosen } from "./randomness.ts";
import { secretsRule } from "./secrets-rule.ts";
import { spokenValue, valueAt } from "./value.ts";

/** What stands before an option, at most. */
const longestCommand = 240;
const leastPassword = 6;
const leastKnown = 4;
/** Commands whose option, by its letter, is a password. */
const passwordOf: Readonly<Record<string, RegExp>> = {
  p: /(?:^|[^\w-])(?:mysql\w*|mariadb[\w-]*|sshpass|mongo\w*|(?:docker|podman|buildah|skopeo|helm registry|oc|az) login)\s/,
  a: /(?:^|[^\w-])redis-cli\s/,
  w: /(?:^|[^\w-])ldap[a-z]+\s/,
};
/** Commands whose `-u` is `user:password`, whatever it looks like. */
const withUser = /(?:^|[^\w-])(?:curl|wget|https?|xh)\s/;
const user = /^([^\s:%"']{1,64})[:%](?!\/\/)/;
const long = /--(?:proxy-)?(?:user|auth|cookie)[ =]/y;

/** Finds the passwords of `curl -u user:password`, `mysql -p…`, `docker login -p …`, and the cookies of `curl -b …`. */
export const commandMatcher: Matcher = {
  starts: [
    [" ", "-", "uUpawb"],
    ["-", "-", "uapc"],
  ],
  match(scan, at) {
    const { text } = scan;
    let letter = text.charAt(at + 2);
    let start = at + 3;
    if (text[at] === "-") {
      long.lastIndex = at;
      if (!long.test(text)) return undefined;
      start = long.lastIndex;
      letter = text.charAt(start - 2) === "e" ? "b" : "u";
    } else if (text[start] === " ") start += 1;
    scan.steps += longestCommand;
    const command = lastCommand(text.slice(Math.max(0, at - longestCommand), at + 1));
    if (letter === "b") {
      if (withUser.test(command)) scan.ahead.push(...cookieHits(scan, start));
      return undefined;
    }
    return letter === "u" || letter === "U"
      ? userHit(scan, start, command)
      : passwordHit(scan, start, passwordOf[letter]?.test(command));
  },
};

/** Behind a pipe, a semicolon or a line break, another command begins. */
function lastCommand(text: string): string {
  return text.slice(Math.max(text.lastIndexOf("|"), text.lastIndexOf(";"), text.lastIndexOf("\n")) + 1);
}

function userHit(scan: Scan, at: number, command: string): Hit | undefined {
  const value = valueOf(scan, at);
  const text = scan.text.slice(value.start, value.end);
  const name = user.exec(text)?.[0];
  if (name === undefined || isPlaceholder(text)) return undefined;
  const password = text.slice(name.length);
  const isSecret = withUser.test(command) ? password.length >= leastKnown && !isPlaceholder(password) : isPassword(password);
  return isSecret ? { start: value.start + name.length, end: value.end, rule: secretsRule } : undefined;
}

function passwordHit(scan: Scan, at: number, isPasswordOption = false): Hit | undefined {
  if (!isPasswordOption) return undefined;
  const { start, end } = valueOf(scan, at);
  return isPassword(scan.text.slice(start, end)) ? { start, end, rule: secretsRule } : undefined;
}

function valueOf(scan: Scan, at: number) {
  return "\"'".includes(scan.text[at] ?? " ") ? valueAt(scan, at) : spokenValue(scan, at);
}

function isPassword(text: string): boolean {
  return !isPlaceholder(text) && /[A-Za-z]/.test(text) && looksChosen(text, leastPassword);
}
