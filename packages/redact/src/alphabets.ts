/** The characters that a part of a token may hold, ASCII only. */
export const alphabets = {
  digit: alphabet("0-9"),
  hex: alphabet("0-9a-fA-F"),
  /** Digits and capitals. */
  upper: alphabet("0-9A-Z"),
  /** Digits and small letters. */
  lower: alphabet("0-9a-z"),
  alnum: alphabet("0-9a-zA-Z"),
  /** What a hyphen joins, such as the parts of a UUID. */
  dashed: alphabet("0-9a-zA-Z-"),
  word: alphabet("0-9a-zA-Z_"),
  base64: alphabet("0-9a-zA-Z+/="),
  base64url: alphabet("0-9a-zA-Z_-"),
  /** base64url with dots and padding: opaque tokens of several parts. */
  opaque: alphabet("0-9a-zA-Z_.=-"),
  /** RFC 3986: what a URL never escapes. */
  unreserved: alphabet("0-9a-zA-Z_.~-"),
  path: alphabet("0-9a-zA-Z_/@-"),
  /** RFC 6750: what a bearer token may hold. */
  bearer: alphabet("0-9a-zA-Z_.~+/=-"),
  /** A value that no quote encloses. */
  value: valueAlphabet(),
  /** The authority of a URL. */
  authority: visibleWithout("/?#\"'<>\\`"),
} as const satisfies Readonly<Record<string, Uint8Array>>;

export type AlphabetName = keyof typeof alphabets;

/** How many there are, and the number of each. */
export const alphabetCount = Object.keys(alphabets).length;
const alphabetIds: ReadonlyMap<string, number> = new Map(Object.keys(alphabets).map((name, id) => [name, id]));

export function alphabetId(name: AlphabetName): number {
  return alphabetIds.get(name)!;
}

/** 1 for each character of `ranges`, which are written as in a regular expression's class. */
function alphabet(ranges: string): Uint8Array {
  const mask = new Uint8Array(128);
  for (let at = 0; at < ranges.length; at += 1) {
    const first = ranges.charCodeAt(at);
    const isRange = ranges[at + 1] === "-" && at + 2 < ranges.length;
    const last = isRange ? ranges.charCodeAt(at + 2) : first;
    mask.fill(1, first, last + 1);
    if (isRange) at += 2;
  }
  return mask;
}

function visibleWithout(characters: string): Uint8Array {
  const mask = new Uint8Array(128).fill(1, 0x21, 0x7f);
  for (const character of characters) mask[character.charCodeAt(0)] = 0;
  return mask;
}

function valueAlphabet(): Uint8Array {
  return visibleWithout("\"'`<>&,;()[]{}|\\");
}

/** Whether an ASCII letter or digit stands at `at`. */
export function isAlnumAt(text: string, at: number): boolean {
  return alphabets.alnum[text.charCodeAt(at)] === 1;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
