/** The longest `text` that is delivered: Statewave's compilers read the first 4,000 characters, so more is ballast. UTF-8 bytes. */
export const maxTextBytes = 16 * 1024;

const cutMark = "\n[cut]";

/** `text` without NUL (Postgres cannot store it) and with lone surrogates replaced by U+FFFD (JSON on the wire cannot carry them). */
export function cleanText(text: string): string {
  return (text.includes("\0") ? text.replaceAll("\0", "") : text).toWellFormed();
}

/**
 * `text` when it fits `maxBytes` of UTF-8; otherwise its head, cut at a paragraph, sentence or word where one ends in the last quarter
 * and never inside a character, followed by a line `[cut]`.
 */
export function cutText(text: string, maxBytes: number = maxTextBytes): string {
  // A UTF-16 unit is 1 to 3 bytes of UTF-8: short strings need no encoding to be judged.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text, "utf8") <= maxBytes) return text;
  const bytes = Buffer.from(text.slice(0, maxBytes), "utf8");
  let end = Math.min(bytes.length, maxBytes - cutMark.length);
  while (end > 0 && (bytes[end]! & 0b1100_0000) === 0b1000_0000) end -= 1;
  const head = bytes.toString("utf8", 0, end);
  return head.slice(0, boundaryOf(head)).trimEnd() + cutMark;
}

function boundaryOf(head: string): number {
  const earliest = Math.floor(head.length * 0.75);
  for (const mark of ["\n\n", "\n", ". ", " "]) {
    const at = head.lastIndexOf(mark);
    if (at >= earliest) return at + (mark === ". " ? 1 : 0);
  }
  return head.length;
}
