/**
 * Controls, format characters (direction marks, zero-width characters, tags), private and unpaired code points, and variation selectors:
 * text in them is read by a model and seen by no person.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{VS}\u2028\u2029]/gu;

/** The selector that makes an emoji of a character is the one that people see. */
const kept = new Set(["\n", "\t", "\ufe0f"]);

/** `text` with every invisible character written as `\u{…}`; line ends and tabs stay. */
export function visibleText(text: string): string {
  return text.replace(invisible, (character) =>
    kept.has(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
