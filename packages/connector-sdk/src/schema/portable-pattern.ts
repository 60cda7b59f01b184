/**
 * The source of a regular expression that other engines read in the same way; undefined for one that they may refuse, which would take the
 * whole JSON Schema from an editor.
 */
export function portablePattern({ source, flags }: RegExp): string | undefined {
  if (flags.replace("u", "") !== "" || oddities.some((oddity) => source.includes(oddity)) || hasNestedClass(source))
    return undefined;
  return source.replaceAll(String.raw`\/`, "/");
}

/** Escapes, groups and set operations that engines spell differently. */
const oddities = [
  String.raw`\u`,
  String.raw`\x`,
  String.raw`\c`,
  String.raw`\0`,
  String.raw`\k`,
  "(?<",
  "[^]",
  "[]",
  "&&",
  "~~",
  "--",
];

/** `[` inside `[…]` is a character here and a set elsewhere. */
function hasNestedClass(source: string): boolean {
  let isInside = false;
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at];
    if (character === "\\") at += 1;
    else if (character === "]") isInside = false;
    else if (character === "[") {
      if (isInside) return true;
      isInside = true;
    }
  }
  return false;
}
