const mask = "***";
/** Every indexed text has at least so many characters. */
const prefixLength = 6;
const tableSize = 1 << 15;

/**
 * Finds any of many texts at each position of another one. Three characters decide by one look into a table whether a text may begin here,
 * then six by a map, then the whole by a set of each length: the cost of a position does not grow with the number of texts.
 */
export class SecretIndex {
  #table: Uint8Array | undefined;
  /** First six characters → length → texts, longest first. */
  readonly #byPrefix = new Map<string, Map<number, Set<string>>>();

  add(text: string): void {
    const table = (this.#table ??= new Uint8Array(tableSize));
    table[hashAt(text, 0)] = 1;
    const prefix = text.slice(0, prefixLength);
    const byLength = this.#byPrefix.get(prefix) ?? new Map<number, Set<string>>();
    const ofLength = byLength.get(text.length);
    if (ofLength !== undefined) {
      ofLength.add(text);
      return;
    }
    const lengths = [...byLength, [text.length, new Set([text])] as const].toSorted(([left], [right]) => right - left);
    this.#byPrefix.set(prefix, new Map(lengths));
  }

  /** The first `end` characters of `text`, masked. */
  mask(text: string, end: number): string {
    let shown = "";
    let shownTo = 0;
    for (let at = 0; at < end; at += 1) {
      const maskedFrom = text.charCodeAt(at) === colon ? userInfoStart(text, at) : at;
      const maskedTo = maskedFrom === at ? this.#matchEnd(text, at) : userInfoEnd(text, maskedFrom);
      if (maskedTo <= maskedFrom) continue;
      shown += text.slice(shownTo, maskedFrom) + mask;
      shownTo = maskedTo;
      at = maskedTo - 1;
    }
    return shownTo === 0 ? text.slice(0, end) : shown + text.slice(shownTo, Math.max(shownTo, end));
  }

  /** Where the longest text that begins at `at` ends; `at` when none does. */
  #matchEnd(text: string, at: number): number {
    if (this.#table?.[hashAt(text, at)] !== 1) return at;
    const byLength = this.#byPrefix.get(text.slice(at, at + prefixLength));
    if (byLength === undefined) return at;
    for (const [length, texts] of byLength) if (texts.has(text.slice(at, at + length))) return at + length;
    return at;
  }
}

function hashAt(text: string, at: number): number {
  // Beyond the end it is NaN, which the shift makes 0.
  const [first, second, third] = [text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)];
  return ((first << 10) ^ (second << 5) ^ third) & (tableSize - 1);
}

const colon = ":".charCodeAt(0);

/** Behind the `://` of a URL whose colon is at `at`; `at` when it is not one. */
function userInfoStart(text: string, at: number): number {
  return text.startsWith("//", at + 1) && /[a-z0-9+.-]/i.test(text[at - 1] ?? "") ? at + 3 : at;
}

/** The last `@` of the authority that begins at `start`; `start` when there is none. */
function userInfoEnd(text: string, start: number): number {
  let end = start;
  for (let at = start; at < text.length && !/[\s/?#"'<>\\`]/.test(text[at]!); at += 1) if (text[at] === "@") end = at;
  return end;
}
