import { alphabets, isDigit } from "../alphabets.ts";

/** Kinds of characters: 0 small letter, 1 capital, 2 digit, 3 any other. */
function kindOf(code: number): number {
  if (isDigit(code)) return 2;
  if (code >= 0x61 && code <= 0x7a) return 0;
  return code >= 0x41 && code <= 0x5a ? 1 : 3;
}

/** Looks no further into a value. */
const looksAt = 128;
/** Of all neighbours, so many differ in kind. Random base62 has 0.62 of them, hex 0.47, names of code 0.33 and less. */
const leastChanges = 0.36;
/** Of all neighbours, so many are a letter and a digit. Random small letters with digits have 0.4 of them, base32 0.3, names of code 0.1 and less. */
const leastMixed = 0.17;
const fewestMixed = 4;
/** A random value of this length may hold no digit. Half of its letters are capitals; of a name of code, at most a fourth. */
const leastWithoutDigit = 24;
const leastCapitals = 0.3;

/**
 * Whether a value was made by a generator and not by a person who chose a name: letters, digits and capitals alternate, or it is a long
 * number in hex.
 */
export function looksRandom(value: string, leastLength: number): boolean {
  if (value.length < leastLength) return false;
  const end = Math.min(value.length, looksAt);
  let changes = 0;
  let mixed = 0;
  let digits = 0;
  let letters = 0;
  let capitals = 0;
  let isHex = true;
  let isBase64 = true;
  let previous = -1;
  let isJoined = false;
  for (let at = 0; at < end; at += 1) {
    const code = value.charCodeAt(at);
    const kind = kindOf(code);
    // Words are joined by these, and UUIDs.
    if (kind === 3 && (code === 0x2d || code === 0x5f || code === 0x2e)) {
      isJoined = true;
      continue;
    }
    if (kind === 2) digits += 1;
    if (kind < 2) letters += 1;
    if (kind === 1) capitals += 1;
    if (alphabets.hex[code] !== 1) isHex = false;
    if (alphabets.base64[code] !== 1) isBase64 = false;
    if (previous >= 0 && kind !== previous) {
      changes += 1;
      if (!isJoined && previous + kind < 4 && (previous === 2 || kind === 2)) mixed += 1;
    }
    previous = kind;
    isJoined = false;
  }
  if (letters === 0) return false;
  const isChanging = changes / (end - 1) >= leastChanges;
  if (digits === 0) return isBase64 && isChanging && end >= leastWithoutDigit && capitals >= letters * leastCapitals;
  if (isHex && end >= 24) return true;
  return isChanging || mixed >= Math.max(fewestMixed, (end - 1) * leastMixed);
}

/** Less of a secret that was cut off is of no use to anyone. */
export const leastCut = 6;

/** Whether what is left of a value that was cut off may be the beginning of a random one: letters and digits, or letters of changing case. */
export function beginsRandom(value: string): boolean {
  if (value.length < leastCut) return false;
  const kinds = Array.from(value.slice(0, looksAt), (character) => kindOf(character.charCodeAt(0)));
  const changes = kinds.filter((kind, at) => at > 0 && kind < 2 && (kinds[at - 1] ?? 3) < 2 && kind !== kinds[at - 1]).length;
  return (kinds.includes(2) && kinds.some((kind) => kind < 2)) || changes >= 3;
}

/** Whether a password is more than a word: a digit or a sign beside letters, or letters of both cases with a digit. */
export function looksChosen(value: string, leastLength: number): boolean {
  if (value.length < leastLength) return false;
  let letters = 0;
  let others = 0;
  for (const character of value.slice(0, looksAt)) {
    const code = character.charCodeAt(0);
    if (alphabets.alnum[code] === 1 && !isDigit(code)) letters += 1;
    else if (!"-_. ".includes(character)) others += 1;
  }
  return others > 0 && (letters > 0 || others >= 8);
}
