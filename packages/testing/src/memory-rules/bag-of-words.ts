/** How near two texts are, from 0 to 1. A server with stub embeddings has none. */
export type Nearness = (question: string, text: string) => number;

// Stands in for a provider of embeddings, as in sheet 5.3: it finds what shares words, never what shares a meaning only.
interface Vector {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

const remembered = new Map<string, Vector>();

/** The cosine of two texts' counts of words: letters and digits, lower case. */
export const bagOfWords: Nearness = (question, text) => {
  const left = vectorOf(question);
  const right = vectorOf(text);
  let product = 0;
  for (const [word, count] of left.counts) product += count * (right.counts.get(word) ?? 0);
  return product === 0 ? 0 : product / (left.length * right.length);
};

function vectorOf(text: string): Vector {
  const known = remembered.get(text);
  if (known !== undefined) return known;
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const vector = { counts, length: Math.hypot(...counts.values()) };
  remembered.set(text, vector);
  return vector;
}
