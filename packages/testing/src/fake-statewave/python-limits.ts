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

/** Digits in a string are no number; only a text that has so many needs the closer look. */
function hasLongInteger(text: string): boolean {
  const digits = new RegExp(`\\d{${longestInteger + 1}}`);
  return digits.test(text) && digits.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'));
}

/** Levels of nesting, counted up to `most`. */
function levelsOf(value: unknown, most: number): number {
  if (typeof value !== "object" || value === null || most === 0) return 0;
  let deepest = 0;
  for (const item of Array.isArray(value) ? (value as unknown[]) : Object.values(value))
    deepest = Math.max(deepest, levelsOf(item, most - 1));
  return deepest + 1;
}
