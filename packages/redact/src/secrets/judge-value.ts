import type { Hit, Scan } from "../scan.ts";
import { isPlaceholder } from "./placeholder.ts";
import { beginsRandom, leastCut, looksChosen, looksRandom } from "./randomness.ts";
import type { SecretKind } from "./secret-names.ts";
import { secretsRule } from "./secrets-rule.ts";
import { cellValue, nextLineValue, spokenValue, type Value } from "./value.ts";

/** A value is judged by so much of it. */
const longestJudged = 256;
const leastPassword = 6;
const leastCutPassword = 4;
const leastToken = 16;
const leastHeader = 8;
/** Of what stands further from its name. */
export const leastStated = 8;
const leastSpokenToken = 20;

/** The hit for a value right behind its name, including one that was cut off. */
export function secretHit(scan: Scan, kind: SecretKind, value: Value | undefined): Hit | undefined {
  if (value === undefined) return undefined;
  const { start, isQuoted = false } = value;
  // A value in quotes that was cut off has no closing one.
  const end = value.end > start && scan.isCutAt(value.end - 1) ? value.end - 1 : value.end;
  const text = judgedPart(scan, start, end);
  const isSecret = isSecretValue(text, kind, isQuoted) || (scan.isCutAt(end) && beginsSecret(text, kind, isQuoted));
  return isSecret ? { start, end, rule: secretsRule } : undefined;
}

function judgedPart(scan: Scan, start: number, end: number): string {
  const judged = Math.min(end, start + longestJudged);
  scan.steps += judged - start;
  return scan.text.slice(start, judged);
}

/** Whether a value that bears a name is a secret. */
export function isSecretValue(value: string, kind: SecretKind, isQuoted: boolean): boolean {
  if (isPlaceholder(value)) return false;
  if (kind === "password") return !isReference(value, isQuoted) && looksChosen(value, leastPassword);
  if (kind === "login") return !isReference(value, isQuoted) && looksRandom(value, leastToken);
  if (kind === "cookie") return value.length >= leastToken && value.includes("=");
  if (kind === "header") return value.length >= leastToken ? !isReference(value, true) : looksRandom(value, leastHeader);
  return !isReference(value, isQuoted) && (looksRandom(value, leastToken) || isEncodedLogin(value) || isTyped(value));
}

/** `user:password` in base64, as in the configuration of Docker and npm. */
function isEncodedLogin(value: string): boolean {
  return (
    /^[A-Za-z0-9+/]{8,252}={0,2}$/.test(value) &&
    /^[ -9;-~]{1,64}:[ -~]{4,128}$/.test(Buffer.from(value, "base64").toString("latin1"))
  );
}

/** `s3cret!x`, which a person typed where a program expects a token. */
function isTyped(value: string): boolean {
  return (
    value.length >= leastStated &&
    typed.test(value) &&
    sign.test(value) &&
    /\d/.test(value) &&
    /[A-Za-z]/.test(value) &&
    !address.test(value)
  );
}

const typed = /^[\w!#$%^&*?~@.-]+$/;
/** A sign that neither code nor a sentence has in the middle of a word. */
const sign = /\w[!#$%^&*?~@]/;

/** Whether the beginning of a value, which was cut off, may be that of a secret. */
function beginsSecret(value: string, kind: SecretKind, isQuoted: boolean): boolean {
  if (isPlaceholder(value) || isReference(value, isQuoted || kind === "header")) return false;
  if (kind === "password" && looksChosen(value, leastCutPassword)) return true;
  return beginsRandom(value) || (kind === "header" && value.length > leastCut);
}

/** `const password = input.value`: a name of something in code. A random part of it would be no name. */
const member = /^[A-Za-z_$][\w$]{0,63}(?:\.[A-Za-z_$][\w$]{0,63}){1,8}$/;
const path = /^(?:~|\.{1,2})?\/[\w./@ -]*$|^\.[\w.-]*$/;

/** A path, an address, or the name of something in code. */
function isReference(value: string, isQuoted: boolean): boolean {
  if (value.includes("://")) return true;
  if (path.test(value) || (!isQuoted && member.test(value)))
    return !value.split(/[./]/).some((part) => looksRandom(part, leastToken));
  return false;
}

/** `bob / …`, `bob:…` behind `login: `: the password, which has to be none but one. */
export function loginHit(scan: Scan, at: number): Hit | undefined {
  user.lastIndex = at;
  if (!user.test(scan.text)) return undefined;
  scan.steps += longestUser;
  return spokenHit(scan, "password", user.lastIndex);
}

const longestUser = 64;
const user = /[\w.@+-]{1,64}(?: ?[/:|] ?)(?!\/)/y;

/** `base64-encoded` and `PBKDF2-hashed` say how a password is written or kept, and `yes/no` whether there is one. */
const joinedWords = /^[a-z]+\d*(?:-[a-z]+)+[.:?]?$|^[A-Za-z]+(?:\/[A-Za-z]+)+[.:?]?$|(?:encoded|encrypted|hashed)[.:?]?$/;
/** `varchar(255)`, `getPassword(user)`, `8-64` */
const noPassword = /^[\w.]*\([^()]*\)?$|^[\d\s.,:/-]*$/;
/** Beside letters: other signs belong to the sentence, or to code. */
const signOrDigit = /[\d!#$%&*+/<=>?@^~\\|]/;
const noToken = /[\s(){}[\]<>;,"'`]/;

/** The hit for a value of which something near says that it is a secret. */
export function nearHit(scan: Scan, kind: SecretKind, value: Value | undefined): Hit | undefined {
  if (value === undefined) return undefined;
  const text = judgedPart(scan, value.start, value.end);
  const isNone =
    kind === "password" ? joinedWords.test(text) || noPassword.test(text) || !signOrDigit.test(text) : noToken.test(text);
  return isNone ? undefined : secretHit(scan, kind, value);
}

/** Of `The password is …`: it has a digit, for `the password is required!` says nothing of it. */
export function statedHit(scan: Scan, kind: SecretKind, at: number): Hit | undefined {
  const value = spokenValue(scan, at);
  const text = judgedPart(scan, value.start, value.end);
  const isStated = kind !== "password" || (text.length >= leastStated && /\d/.test(text));
  return isStated ? nearHit(scan, kind, value) : undefined;
}

/** `P@ssw0rd!` has letters, a digit and a sign; names of code, addresses, versions and paths have no such sign. */
const signs = /[!#$%^&*?~@+]/;
const address = /^[a-z][\w.-]{2,}@|\/|^\w+[#@]\d+$/i;

/** Of `use the password … for it`: only what can be no word. */
export function spokenHit(scan: Scan, kind: SecretKind, at: number): Hit | undefined {
  const value = spokenValue(scan, at);
  const text = judgedPart(scan, value.start, value.end);
  return isSpoken(text, kind, value.isQuoted) ? nearHit(scan, kind, value) : undefined;
}

function isSpoken(text: string, kind: SecretKind, isQuoted = false): boolean {
  if (kind === "password")
    return (
      text.length >= leastStated &&
      /\d/.test(text) &&
      /[A-Za-z]/.test(text) &&
      (isQuoted || signs.test(text)) &&
      !address.test(text)
    );
  return text.length >= leastSpokenToken && text.split(/[-_.]/).some((part) => looksRandom(part, leastToken));
}

/** Of a cell in a table or of an element. */
export function cellHit(scan: Scan, kind: SecretKind, at: number): Hit | undefined {
  const value = cellValue(scan, at);
  const text = judgedPart(scan, value.start, value.end);
  return /\s/.test(text) ? spokenHit(scan, kind, value.start) : nearHit(scan, kind, value);
}

/** Of a line of its own. */
export function nextLineHit(scan: Scan, kind: SecretKind, at: number, least = leastPassword): Hit | undefined {
  const value = nextLineValue(scan, at);
  if (value === undefined) return undefined;
  const text = judgedPart(scan, value.start, value.end);
  const isChosen = kind !== "password" || (text.length >= least && /\d/.test(text)) || value.isQuoted;
  return isChosen ? nearHit(scan, kind, value) : undefined;
}
