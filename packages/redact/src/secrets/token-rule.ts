import type { AlphabetName } from "../alphabets.ts";

/** So many characters of an alphabet: the whole run of them, which must not be shorter, nor longer where there is a `max`. */
export interface Run {
  readonly of: AlphabetName;
  readonly min: number;
  readonly max?: number;
}

/** A token as its provider documents it: what stands before a literal, the literal, and what follows. */
export interface TokenRule {
  readonly provider: string;
  /** Run before the literal, of tokens that begin without one. */
  readonly before?: Run;
  readonly literal: string;
  /** Literals and runs in order. A literal after a run begins with a character that the run does not hold. */
  readonly parts: readonly (string | Run)[];
  /** Whether it may stand in the middle of a word. Only where the literal stands in no other text. */
  readonly anywhere?: boolean;
  /** The whole must hold a letter and a digit: the literal alone is too common. */
  readonly mixed?: boolean;
}

/** Runs by their alphabet: exactly `min` characters, or from `min` to `max`. */
const exactly =
  (of: AlphabetName) =>
  (min: number, max = min): Run => ({ of, min, max });
/** Runs of at least `min` characters: providers lengthen their tokens. */
const atLeast =
  (of: AlphabetName) =>
  (min: number): Run => ({ of, min });

export const digits = exactly("digit");
export const hex = exactly("hex");
export const upper = exactly("upper");
export const lower = exactly("lower");
export const alnum = exactly("alnum");
export const manyAlnum = atLeast("alnum");
export const manyWord = atLeast("word");
export const manyDashed = atLeast("dashed");
export const manyBase64 = atLeast("base64");
export const base64url = exactly("base64url");
export const manyBase64url = atLeast("base64url");
export const manyOpaque = atLeast("opaque");
export const manyHex = atLeast("hex");
export const manyPath = atLeast("path");

/** 8-4-4-4-12. */
export const uuid = [hex(8), "-", hex(4), "-", hex(4), "-", hex(4), "-", hex(12)] as const;
