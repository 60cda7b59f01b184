/** A name in the characters that Statewave accepts, as `canonicalSubject` writes them, but without a digest: other names fold to it as well. */
export function foldName(text: string): string {
  return text.replaceAll("/", ".").replaceAll(/[^A-Za-z0-9_.:-]/gu, "-");
}

/** A folded text, and where each of its characters stands in the original. */
export interface FoldedText {
  readonly text: string;
  readonly placeOf: (index: number) => number;
}

export function foldText(text: string): FoldedText {
  const folded = foldName(text);
  // Only a character of two units is shorter when it is folded.
  if (folded.length === text.length) return { text: folded, placeOf: (index) => index };
  const places: number[] = [];
  let at = 0;
  for (const character of text) {
    places.push(at);
    at += character.length;
  }
  places.push(at);
  return { text: folded, placeOf: (index) => places[index] ?? at };
}
