/**
 * C0 and C1 controls, line separators, direction marks and lone surrogates: what could start a new line, drive a terminal or show a line in
 * another order than it has.
 */
// eslint-disable-next-line no-control-regex -- finding them is its purpose
const invisible = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** `text` with every invisible character written as `\uXXXX`; those in `kept` stay. */
export function escapeInvisible(text: string, kept = ""): string {
  return text.replace(invisible, (character) =>
    kept.includes(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
