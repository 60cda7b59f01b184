import { scanLines } from "./markdown/scan-lines.ts";

/**
 * A text in parts of at most `maxBytes` of UTF-8, divided between paragraphs where these fit, else between lines, words, or characters.
 * Blocks of code that fit are not divided. A part is never empty.
 */
export function splitText(text: string, maxBytes: number): readonly string[] {
  if (Buffer.byteLength(text) <= maxBytes) return [text];
  const parts: string[] = [];
  let current: string[] = [];
  let bytes = 0;
  const finish = () => {
    const part = current.join("\n").trim();
    if (part !== "") parts.push(part);
    [current, bytes] = [[], 0];
  };
  for (const paragraph of paragraphsOf(text)) {
    const length = Buffer.byteLength(paragraph) + 1;
    if (bytes + length > maxBytes) finish();
    const pieces = length > maxBytes ? linesOf(paragraph, maxBytes) : [paragraph];
    for (const piece of pieces) {
      const pieceBytes = Buffer.byteLength(piece) + 1;
      if (bytes + pieceBytes > maxBytes) finish();
      current.push(piece);
      bytes += pieceBytes;
    }
  }
  finish();
  return parts;
}

/** Lines up to and with the empty line behind them; a block of code is one paragraph. */
function* paragraphsOf(text: string): Generator<string> {
  let lines: string[] = [];
  for (const { line, type } of scanLines(text)) {
    lines.push(line);
    if (type !== "text" || line.trim() !== "") continue;
    yield lines.join("\n");
    lines = [];
  }
  if (lines.length > 0) yield lines.join("\n");
}

function linesOf(paragraph: string, maxBytes: number): readonly string[] {
  return paragraph.split("\n").flatMap((line) => piecesOf(line, maxBytes));
}

function piecesOf(line: string, maxBytes: number): readonly string[] {
  if (Buffer.byteLength(line) < maxBytes) return [line];
  const pieces: string[] = [];
  const bytes = Buffer.from(line);
  for (let from = 0; from < bytes.length;) {
    let end = Math.min(from + Math.max(maxBytes - 1, 4), bytes.length);
    while (end > from && end < bytes.length && ((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
    // Between words where one ends in the last quarter.
    const space = end === bytes.length ? -1 : bytes.lastIndexOf(" ", end - 1);
    if (space >= from + (end - from) * 0.75) end = space + 1;
    pieces.push(bytes.toString("utf8", from, end));
    from = end;
  }
  return pieces;
}
