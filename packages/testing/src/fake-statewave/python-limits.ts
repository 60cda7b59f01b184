/** Levels at which the parser gives up, and those at which the answer cannot be written any more. */
const deepestParsed = 2_000;
const deepestAnswered = 500;
/** Digits that `int()` takes. */
const longestInteger = 4_300;

/** What becomes of a body that is JSON. */
export type BodyFate =
  /** The parser fails on it: 400. */
  | "unreadable"
  /** It is stored, and then writing the answer fails: 500 after the commit. */
  | "stored, not answered"
  | "fine";

/** How far the server gets with a body, by its nesting and its digits. */
export function fateOf(text: string, parsed: unknown): BodyFate {
  if (hasLongInteger(text)) return "unreadable";
  const levels = levelsOf(parsed, deepestParsed);
  if (levels >= deepestParsed) return "unreadable";
  return levels >= deepestAnswered ? "stored, not answered" : "fine";
}

/** Digits in a string are no number. */
function hasLongInteger(json: string): boolean {
  let inString = false;
  let digits = 0;
  for (let at = 0; at < json.length; at += 1) {
    const character = json.charAt(at);
    if (character === '"') inString = !inString;
    else if (character === "\\" && inString) at += 1;
    digits = !inString && character >= "0" && character <= "9" ? digits + 1 : 0;
    if (digits > longestInteger) return true;
  }
  return false;
}

/** Levels of nesting, counted up to `most`. */
function levelsOf(value: unknown, most: number): number {
  if (typeof value !== "object" || value === null || most === 0) return 0;
  let deepest = 0;
  for (const item of Array.isArray(value) ? (value as unknown[]) : Object.values(value))
    deepest = Math.max(deepest, levelsOf(item, most - 1));
  return deepest + 1;
}
