import { alphabetCount, alphabetId, type AlphabetName, alphabets } from "./alphabets.ts";

/** A part of a text that is to be replaced. */
export interface Hit {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
}

/** The end of a private key. */
export interface KeyFooter {
  /** Infinite when there is none behind. */
  readonly at: number;
  /** Where the last header before it stands. */
  readonly header: number;
}

const none: KeyFooter = { at: -1, header: -1 };

/** Connectors cut titles and quotations with `…`, and long texts with a line, before anything is redacted. */
const ellipsis = 0x2026;
const lineFeed = 0x0a;
const cutMark = "\n[cut]";

/**
 * A text while it is looked through. What is needed twice is answered from memory, so that the work stays proportional to the text: a run of
 * an alphabet is walked once, however many rules need its end.
 */
export class Scan {
  text = "";
  /** Where the last hit ends: nothing before it is looked at again. */
  floor = 0;
  /** Up to here an `@` belongs to the user info of a URL. */
  authorityEnd = 0;
  /** The footer of a key that was looked for last. */
  keyFooter: KeyFooter = none;
  /** Where escapes may stand, in order. */
  readonly escapes: number[] = [];
  /** Up to here tables were read. */
  tablesEnd = 0;
  /** Up to here cookies were looked for. */
  cookiesEnd = 0;
  /** Found ahead of the pass, behind a label that says what follows. */
  readonly ahead: Hit[] = [];
  /** Characters looked at, and matchers tried: a measure of the work that does not depend on the machine. */
  steps = 0;
  /** Of each alphabet, the run that was walked last. */
  readonly #starts = new Int32Array(alphabetCount);
  readonly #ends = new Int32Array(alphabetCount).fill(-1);
  #hasWalked = false;

  /** Begins with another text. */
  reset(text: string): void {
    this.text = text;
    this.floor = 0;
    this.authorityEnd = 0;
    this.keyFooter = none;
    this.tablesEnd = 0;
    this.cookiesEnd = 0;
    this.steps = 0;
    // Most texts leave these as they were: emptying them costs more than looking.
    if (this.escapes.length > 0) this.escapes.length = 0;
    if (this.ahead.length > 0) this.ahead.length = 0;
    if (!this.#hasWalked) return;
    this.#hasWalked = false;
    this.#starts.fill(0);
    this.#ends.fill(-1);
  }

  /** Where the run of `name` that covers `at` ends; `at` when there is none. */
  runEnd(name: AlphabetName, at: number): number {
    return this.runEndOf(alphabetId(name), alphabets[name], at);
  }

  runEndOf(id: number, mask: Uint8Array, at: number): number {
    const known = this.#ends[id]!;
    if (at <= known && at >= this.#starts[id]!) return known;
    const { text } = this;
    let end = at;
    while (end < text.length && mask[text.charCodeAt(end)] === 1) end += 1;
    this.steps += end - at + 1;
    this.#hasWalked = true;
    this.#starts[id] = at;
    this.#ends[id] = end;
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

  /** Whether the text was cut at `at`: what stands before may be the beginning of something longer. */
  isCutAt(at: number): boolean {
    return this.text.charCodeAt(at) === ellipsis || (this.text.charCodeAt(at) === lineFeed && this.text.startsWith(cutMark, at));
  }

  startsWith(literal: string, at: number): boolean {
    this.steps += literal.length;
    return this.text.startsWith(literal, at);
  }
}

/** Any character, also beyond ASCII, and the end of the text. */
export const any: unique symbol = Symbol("any character");

/** Characters that may stand at a place: those of a text, of an alphabet, or any. */
export type CharacterSet = string | Uint8Array | typeof any;

/** One kind of match, and where to look for it. */
export interface Matcher {
  /** `match` is called where three characters, the first of them at `at`, are in these sets. */
  readonly starts: readonly (readonly [CharacterSet, CharacterSet, CharacterSet])[];
  match(scan: Scan, at: number): Hit | undefined;
}
