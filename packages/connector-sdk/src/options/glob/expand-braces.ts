/** More alternatives than this in one pattern are a mistake. */
const maxExpansions = 1_000;

/** A pattern as patterns without braces: `{a,b}` and the ranges `{1..3}` and `{a..c}`. Undefined when these are more than a thousand. */
export function expandBraces(pattern: string): readonly string[] | undefined {
  let done = [""];
  for (const part of partsOf(pattern)) {
    const endings = typeof part === "string" ? [part] : alternativesOf(part);
    if (endings === undefined || done.length * endings.length > maxExpansions) return undefined;
    done = done.flatMap((beginning) => endings.map((ending) => beginning + ending));
  }
  return done;
}

/** What stands between two braces, split at its own commas. */
type Braces = readonly string[];

/** The text between braces as it is, and each pair of braces. A brace without its partner, a comma or a range is text. */
function partsOf(pattern: string): readonly (string | Braces)[] {
  const parts: (string | Braces)[] = [];
  const ends = partnersOf(pattern);
  let from = 0;
  for (let at = 0; at < pattern.length; at += 1) {
    if (pattern.charAt(at) === "\\") at += 1;
    const end = ends.get(at);
    if (end === undefined) continue;
    const items = splitAtCommas(pattern.slice(at + 1, end));
    if (items.length < 2 && !rangePattern.test(items[0] ?? "")) continue;
    parts.push(pattern.slice(from, at), items);
    from = end + 1;
    at = end;
  }
  return [...parts, pattern.slice(from)];
}

/** Where each opening brace is closed. */
function partnersOf(pattern: string): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (character === "\\") at += 1;
    else if (character === "{") open.push(at);
    else if (character === "}") {
      const start = open.pop();
      if (start !== undefined) ends.set(start, at);
    }
  }
  return ends;
}

function splitAtCommas(inside: string): Braces {
  const items: string[] = [];
  let [from, depth] = [0, 0];
  for (let at = 0; at < inside.length; at += 1) {
    const character = inside.charAt(at);
    if (character === "\\") at += 1;
    else if (character === "{") depth += 1;
    else if (character === "}") depth -= 1;
    else if (character === "," && depth === 0) {
      items.push(inside.slice(from, at));
      from = at + 1;
    }
  }
  return [...items, inside.slice(from)];
}

function alternativesOf(items: Braces): readonly string[] | undefined {
  if (items.length === 1) return rangeOf(items[0] ?? "");
  const expanded: string[] = [];
  for (const item of items) {
    const inner = expandBraces(item);
    if (inner === undefined || expanded.length + inner.length > maxExpansions) return undefined;
    expanded.push(...inner);
  }
  return expanded;
}

const rangePattern = /^(?:(\d{1,6})\.\.(\d{1,6})|([a-zA-Z])\.\.([a-zA-Z]))$/;

/** The members of `1..3`, `01..12` or `a..c`. Undefined when it is not a range, or one of too many. */
function rangeOf(item: string): readonly string[] | undefined {
  const match = rangePattern.exec(item);
  if (match === null) return undefined;
  const [, first, last, firstLetter, lastLetter] = match;
  if (firstLetter !== undefined && lastLetter !== undefined) {
    return numbersBetween(firstLetter.charCodeAt(0), lastLetter.charCodeAt(0))?.map((code) => String.fromCharCode(code));
  }
  const [from, to] = [first ?? "", last ?? ""];
  const width = from.startsWith("0") || to.startsWith("0") ? Math.max(from.length, to.length) : 0;
  return numbersBetween(Number(from), Number(to))?.map((value) => String(value).padStart(width, "0"));
}

function numbersBetween(from: number, to: number): readonly number[] | undefined {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  if (high - low >= maxExpansions) return undefined;
  return Array.from({ length: high - low + 1 }, (_, offset) => low + offset);
}
