const pairs = /[\ud800-\udbff][\udc00-\udfff]/g;

/** The length of a text as Statewave counts it: a character of two UTF-16 units, such as an emoji, is one. */
export function characterCount(text: string): number {
  return text.length - (text.match(pairs)?.length ?? 0);
}
