import { type AlphabetName, alphabets } from "./alphabets.ts";

/** A part of a text that is to be replaced. */
export interface Hit {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
}

/**
 * A text while it is looked through. What is asked twice is answered from memory, so that the work stays proportional to the text: a run of
 * an alphabet is walked once, however many rules ask for its end.
 */
export class Scan {
  readonly text: string;
  /** Where the last hit ends: nothing before it is looked at again. */
  floor = 0;
  /** Up to here an `@` belongs to the user info of a URL. */
  authorityEnd = 0;
  /** Where the footer of a key stands that was looked for last; infinite when there is none behind. */
  keyFooter = -1;
  /** Characters looked at, and matchers tried: a measure of the work that does not depend on the machine. */
  steps = 0;
  readonly #runs = new Map<AlphabetName, { start: number; end: number }>();

  constructor(text: string) {
    this.text = text;
  }

  /** Where the run of `name` that covers `at` ends; `at` when there is none. */
  runEnd(name: AlphabetName, at: number): number {
    let run = this.#runs.get(name);
    if (run === undefined) this.#runs.set(name, (run = { start: 0, end: -1 }));
    if (at >= run.start && at <= run.end) return run.end;
    const { text } = this;
    const mask = alphabets[name];
    let end = at;
    while (mask[text.charCodeAt(end)] === 1) end += 1;
    this.steps += end - at + 1;
    run.start = at;
    run.end = end;
    return end;
  }

  /** How many characters of `name` stand before `at`; at most `atMost`, and none that a hit covers. */
  runBefore(name: AlphabetName, at: number, atMost: number): number {
    const { text, floor } = this;
    const mask = alphabets[name];
    const lowest = Math.max(floor, at - atMost);
    let start = at;
    while (start > lowest && mask[text.charCodeAt(start - 1)] === 1) start -= 1;
    this.steps += at - start + 1;
    return at - start;
  }

  startsWith(literal: string, at: number): boolean {
    this.steps += literal.length;
    return this.text.startsWith(literal, at);
  }
}

/** Characters that may stand at a place: those of a text, of an alphabet, or any, also beyond ASCII and the end of the text. */
export type CharacterSet = string | Uint8Array;

/** Any character. */
export const any = "any";

/** One kind of thing that is found, and where to look for it. */
export interface Matcher {
  /** `match` is called where three characters, the first of them at `at`, are in these sets. */
  readonly starts: readonly (readonly [CharacterSet, CharacterSet, CharacterSet])[];
  match(scan: Scan, at: number): Hit | undefined;
}
