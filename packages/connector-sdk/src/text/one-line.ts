/** Most texts hold none of it, and it is found sooner. */
const unusual = /[^ -~]| {2}/;
/** What most short texts do not hold: to replace their every space by a space costs more than the rest of their mapping. */
const untidy = /[^\S ]|\p{Cc}| {2}/u;

/** `text` on one line: whitespace and control characters in a row become one space. */
export function oneLine(text: string): string {
  if (!unusual.test(text) || !untidy.test(text)) return text.trim();
  return text.replaceAll(/[\s\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

/** `text` when it has at most `maxLength` characters, otherwise its beginning, cut at a word where one ends in its second half, and `…`. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const head = text.slice(0, Math.max(maxLength - 1, 0));
  const space = head.lastIndexOf(" ");
  const cut = space > head.length / 2 ? head.slice(0, space) : head;
  // A cut through a character of two units leaves half of one.
  return `${withoutHalf(cut).trimEnd()}…`;
}

function withoutHalf(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
