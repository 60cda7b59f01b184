// The same few texts are compared for every question and draw.
const remembered = new Map<string, ReadonlySet<string>>();

const edges = new Set("?.,:;()[]{}'\"!");

/** The words that relevance and supersession compare: lower case, split at white space, without punctuation at their edges (read: `tokenization.py`). */
export function wordsOf(text: string): ReadonlySet<string> {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const words = new Set(
    text
      .toLowerCase()
      .split(/\s+/)
      .map((word) => withoutEdges(word))
      .filter((word) => word !== ""),
  );
  remembered.set(text, words);
  return words;
}

function withoutEdges(word: string): string {
  let start = 0;
  let end = word.length;
  while (start < end && edges.has(word.charAt(start))) start += 1;
  while (end > start && edges.has(word.charAt(end - 1))) end -= 1;
  return word.slice(start, end);
}

export function countShared(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of left) if (right.has(word)) shared += 1;
  return shared;
}

/** Shared words over all words of both. */
export function overlapOf(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const shared = countShared(left, right);
  const all = left.size + right.size - shared;
  return all === 0 ? 0 : shared / all;
}
