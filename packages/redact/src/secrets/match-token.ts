import { isWordEnd, isWordStart } from "../boundary.ts";
import { alphabetId, alphabets, isDigit } from "../alphabets.ts";
import { any, type CharacterSet, type Hit, type Matcher, type Scan } from "../scan.ts";
import { secretsRule } from "./secrets-rule.ts";
import { beginsRandom, leastCut } from "./randomness.ts";
import type { Run, TokenRule } from "./token-rule.ts";

/** Finds the tokens of one rule. Nothing is tried twice: a run is whole, and the literal behind it cannot be part of it. */
export class TokenMatcher implements Matcher {
  readonly starts: Matcher["starts"];
  readonly #literal: string;
  /** Where most literals differ from the words that begin like them. */
  readonly #fourth: number;
  readonly #before: Run | undefined;
  readonly #parts: readonly TokenPart[];
  readonly #anywhere: boolean;
  readonly #mixed: boolean;

  constructor(rule: TokenRule) {
    const { literal, before, parts, anywhere = false, mixed = false } = rule;
    this.starts = [startOfRule(rule)];
    this.#literal = literal;
    this.#fourth = literal.length > 3 ? literal.charCodeAt(3) : 0;
    this.#before = before;
    this.#parts = parts.map(toPart);
    this.#anywhere = anywhere;
    this.#mixed = mixed;
  }

  match(scan: Scan, at: number): Hit | undefined {
    const { text } = scan;
    if (this.#fourth !== 0) {
      if (text.charCodeAt(at + 3) !== this.#fourth || !scan.startsWith(this.#literal, at)) return undefined;
    }
    const bodyStart = at + this.#literal.length;
    const whole = this.#partsEnd(scan, bodyStart);
    const end = whole < 0 ? this.#cutEnd(scan, bodyStart) : whole;
    if (end < 0) return undefined;
    const start = this.#before === undefined ? at : startOf(scan, this.#before, at);
    if (start < 0) return undefined;
    if (!this.#anywhere && !isWordStart(text, start)) return undefined;
    if (!isWordEnd(text, end) && !endsWithPunctuation(text, end)) return undefined;
    if (this.#mixed && !isMixed(scan, bodyStart, end) && !(whole < 0 && beginsRandom(text.slice(bodyStart, end))))
      return undefined;
    return { start, end, rule: secretsRule };
  }

  /** Where the text was cut inside the parts; -1 when it was not, or so early that hardly anything of the token is left. */
  #cutEnd(scan: Scan, from: number): number {
    let at = from;
    for (const part of this.#parts) {
      const cut = part.cutEnd(scan, at);
      if (cut >= 0) return cut - from >= leastCut ? cut : -1;
      at = part.end(scan, at);
      if (at < 0) return at;
    }
    return -1;
  }

  /** Where the last part ends; -1 when one is not there. */
  #partsEnd(scan: Scan, from: number): number {
    let end = from;
    for (const part of this.#parts) {
      end = part.end(scan, end);
      if (end < 0) return end;
    }
    return end;
  }
}

/** Where a part that begins at `at` ends; -1 when it is not there. */
interface TokenPart {
  end(scan: Scan, at: number): number;
  /** Where the text was cut inside of it; -1 when it was not. */
  cutEnd(scan: Scan, at: number): number;
}

function toPart(part: string | Run): TokenPart {
  if (typeof part === "string")
    return {
      end: (scan, at) => (scan.startsWith(part, at) ? at + part.length : -1),
      cutEnd(scan, at) {
        let end = at;
        while (end - at < part.length && scan.text[end] === part[end - at]) end += 1;
        scan.steps += end - at + 1;
        return end - at < part.length && scan.isCutAt(end) ? end : -1;
      },
    };
  const { of, min, max = Number.POSITIVE_INFINITY } = part;
  const [id, mask] = [alphabetId(of), alphabets[of]];
  return {
    end(scan, at) {
      const end = scan.runEndOf(id, mask, at);
      return end - at < min || end - at > max ? -1 : end;
    },
    cutEnd(scan, at) {
      const end = scan.runEndOf(id, mask, at);
      return end - at < min && scan.isCutAt(end) ? end : -1;
    },
  };
}

/** The first three characters: of the literal, then of the part behind it. */
function startOfRule({ literal, parts: [part] }: TokenRule): readonly [CharacterSet, CharacterSet, CharacterSet] {
  const behind = part === undefined || typeof part === "string" || part.min < 2 ? any : alphabets[part.of];
  const [first = "", second, third] = literal.split("");
  return [first, second ?? behind, third ?? behind];
}

function startOf(scan: Scan, { of, min, max = min }: Run, at: number): number {
  const length = scan.runBefore(of, at, max + 1);
  // One too many may be the letter of a `\n` in front.
  if (length > max) return isWordStart(scan.text, at - max) ? at - max : -1;
  return length >= min ? at - length : -1;
}

/** A literal such as `eyJ….eyJ….` ends the token itself. */
function endsWithPunctuation(text: string, end: number): boolean {
  return alphabets.alnum[text.charCodeAt(end - 1)] !== 1;
}

/** Looks no further: a run of one letter must not be walked from each of its characters. */
const mixedWithin = 64;

function isMixed(scan: Scan, start: number, end: number): boolean {
  const { text } = scan;
  const last = Math.min(end, start + mixedWithin);
  let hasDigit = false;
  let hasLetter = false;
  scan.steps += last - start;
  for (let at = start; at < last; at += 1) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) hasDigit = true;
    else if (alphabets.alnum[code] === 1) hasLetter = true;
    if (hasDigit && hasLetter) return true;
  }
  return false;
}
