import type { CharacterSet, Hit, Matcher, Scan } from "../scan.ts";
import { cellHit, leastStated, nearHit, nextLineHit, spokenHit, statedHit } from "./judge-value.ts";
import type { SecretKind } from "./secret-names.ts";
import { isLineEnd, spokenValue, valueAt, valueStart } from "./value.ts";

/** A name of a secret in a sentence, a table or a form, where no `:` or `=` stands right behind it. */
interface Label {
  readonly kind: SecretKind;
  /** Three of its letters that few other words have, capital or small, and how many stand before them. */
  readonly letters: string;
  readonly before: number;
  readonly name: RegExp;
}

const labels: readonly Label[] = [
  { kind: "password", letters: "ssw", before: 2, name: /pass(?:wor[dt]|wd)(?![a-z])/iy },
  { kind: "password", letters: "ssp", before: 2, name: /passphrase(?![a-z])/iy },
  { kind: "password", letters: "ssc", before: 2, name: /passcode(?![a-z])/iy },
  { kind: "password", letters: "pas", before: 0, name: /(?<![a-z])pass(?= ?\|)/iy },
  { kind: "password", letters: "pw ", before: 0, name: /(?<![a-z])pw(?= )/iy },
  { kind: "password", letters: "pwd", before: 0, name: /pwd(?![a-z])/iy },
  { kind: "password", letters: "nnw", before: 2, name: /kennwort(?![a-z])/iy },
  { kind: "password", letters: "sse", before: 2, name: /(?<=mot de )passe(?![a-z])/iy },
  { kind: "password", letters: "mdp", before: 0, name: /(?<![a-z])mdp(?![a-z])/iy },
  { kind: "password", letters: "ras", before: 4, name: /contrase(?:ñ|n\u0303?|ny)a(?![a-z])/iy },
  { kind: "password", letters: "lav", before: 1, name: /(?<![a-z])clave(?![a-z])/iy },
  { kind: "password", letters: "enh", before: 1, name: /(?<![a-z])senha(?![a-z])/iy },
  { kind: "password", letters: "htw", before: 3, name: /wachtwoord(?![a-z])/iy },
  { kind: "token", letters: "oke", before: 1, name: /token(?![a-z])/iy },
  { kind: "token", letters: "ecr", before: 1, name: /secret(?:[ _-]?(?:access[ _-]?)?key)?(?![a-z])/iy },
  { kind: "token", letters: "pi ", before: 1, name: /(?<![a-z])api key(?![a-z])/iy },
  { kind: "token", letters: "pi_", before: 1, name: /api_key(?![a-z])/iy },
  { kind: "token", letters: "pi-", before: 1, name: /api-key(?![a-z])/iy },
  { kind: "token", letters: "pik", before: 1, name: /apikey(?![a-z])/iy },
  {
    kind: "token",
    letters: "_ke",
    before: 0,
    name: /(?<=private|access|secret|encryption|account|signing|service|master|auth)_key(?![a-z])/iy,
  },
  { kind: "token", letters: "s k", before: 5, name: /access key(?![a-z])/iy },
];

export const labelMatchers: readonly Matcher[] = labels.map(({ kind, letters, before, name }): Matcher => ({
  starts: [[eitherCase(letters[0]), eitherCase(letters[1]), eitherCase(letters[2])]],
  match(scan, at) {
    name.lastIndex = at - before;
    if (at < before || !name.test(scan.text)) return undefined;
    const hit = hitBehind(scan, kind, at - before, name.lastIndex);
    // What stands between the label and the value is looked through as any text.
    if (hit !== undefined) scan.ahead.push(hit);
    return undefined;
  },
}));

function eitherCase(letter = ""): CharacterSet {
  return letter.toLowerCase() + letter.toUpperCase();
}

/** Of what is looked at behind a name. */
const looksAt = 160;
const longestQualifier = 64;
const verb = / (?:is(?: now)?|ist|lautet|was|war|est|es|è|é|-{1,2}>?|=>|→|—)(?: ?:)? /iy;
const preposition = / (?:for|of|on|in|to|at|from|für|zu|zum|zur|von|vom|des|der|pour|de|du|del|para|voor|van) /iy;
const inBrackets = / ?(?:\([^()\n]{1,48}\)|\[[^[\]\n]{1,48}\])/y;
const closing = /["'`*_\]]{0,3}(?:<\/?[a-z]{1,10}>){0,4}/iy;
/** `The password for user: bob2` is none. */
const ofAnother =
  /(?:user|username|name|account|login|mail|email|host|url|link|page|id|see|note|error|example|format|policy|rules?|be|have|must)$/i;
/** `login bob password …`, of a .netrc and of people. */
const behindUser = /(?:^|[^a-z])(?:login|user|username|account) \S{1,40} $/i;
/** Words that may stand before a name on a line of a form. */
const lineOfLabel = /(?:^|\n)[ \t>#*_`-]{0,8}(?:[\w-]{1,16} ){0,2}[*_`]{0,3}$/;
const longestLineStart = 48;

/** The value that belongs to a name that ends at `end`. */
function hitBehind(scan: Scan, kind: SecretKind, start: number, end: number): Hit | undefined {
  const { text } = scan;
  scan.steps += looksAt;
  const at = matchEnd(closing, text, end) ?? end;
  switch (text[at]) {
    case "\t":
    case "|":
      return cellHit(scan, kind, at);
    case "\n":
    case "\r":
      return isLabelLine(text, start) ? nextLineHit(scan, kind, at, leastStated) : undefined;
    case "(":
    case "[":
      return bracketedHit(scan, kind, at);
    case ",":
      return text[at + 1] === " " ? spokenHit(scan, kind, at + 2) : undefined;
    case " ":
      return behindSpace(scan, kind, start, at);
    default:
      return text[at - 1] === ">" ? cellHit(scan, kind, at) : undefined;
  }
}

function behindSpace(scan: Scan, kind: SecretKind, start: number, at: number): Hit | undefined {
  const { text } = scan;
  const stated = matchEnd(verb, text, at);
  if (stated !== undefined) return statedHit(scan, kind, stated);
  const next = text[at + 1] ?? "";
  if (next === "|" || next === " ") return cellHit(scan, kind, at + 1);
  if (next === "(" || next === "[") return bracketedHit(scan, kind, at);
  if (matchEnd(preposition, text, at) !== undefined) return qualifiedHit(scan, kind, at + 1);
  if ("\"'`".includes(next)) return nearHit(scan, kind, valueAt(scan, at + 1));
  const spoken = spokenHit(scan, kind, at + 1);
  if (spoken !== undefined || kind !== "password") return spoken;
  const hit = nearHit(scan, kind, valueAt(scan, at + 1));
  return hit !== undefined && behindUser.test(text.slice(Math.max(0, start - longestQualifier), start)) ? hit : undefined;
}

function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** `Password (staging): …` */
function bracketedHit(scan: Scan, kind: SecretKind, at: number): Hit | undefined {
  const end = matchEnd(inBrackets, scan.text, at);
  return end === undefined ? undefined : separatedHit(scan, kind, matchEnd(closing, scan.text, end) ?? end);
}

/** `Password for the staging server: …`, up to the first `:`, `=` or verb of the sentence. */
function qualifiedHit(scan: Scan, kind: SecretKind, from: number): Hit | undefined {
  const { text } = scan;
  for (let at = from; at < from + longestQualifier; at += 1) {
    const character = text.charAt(at);
    if (character === "" || "\n,;!?|".includes(character) || (character === "." && " \n".includes(text.charAt(at + 1))))
      return undefined;
    const isSeparator = (character === ":" || character === "=") && !/[/\d]/.test(text.charAt(at + 1));
    if (!isSeparator && (character !== " " || matchEnd(verb, text, at) === undefined)) continue;
    const hit = separatedHit(scan, kind, at);
    return hit !== undefined && ofAnother.test(text.slice(from, at).trimEnd()) ? spokenHit(scan, kind, hit.start) : hit;
  }
  return undefined;
}

/** What stands behind the separator at `at`. */
function separatedHit(scan: Scan, kind: SecretKind, at: number): Hit | undefined {
  const { text } = scan;
  const colon = text[at] === " " ? at + 1 : at;
  if (text[colon] === ":" || text[colon] === "=") {
    const start = valueStart(scan, colon);
    return isLineEnd(text, start) ? nextLineHit(scan, kind, start) : nearHit(scan, kind, spokenValue(scan, start));
  }
  const stated = matchEnd(verb, text, at);
  if (stated !== undefined) return statedHit(scan, kind, stated);
  return text[colon] === "|" || text[colon] === "\t" ? cellHit(scan, kind, colon) : undefined;
}

function isLabelLine(text: string, start: number): boolean {
  return lineOfLabel.test(text.slice(Math.max(0, start - longestLineStart), start));
}
