import { CommentReader } from "./comments.ts";

/** A line of Markdown, and what it is part of. */
export interface ScannedLine {
  readonly line: string;
  /** The first or last line of a block of code, a line in it, or any other. */
  readonly type: "fence" | "code" | "text";
  /** The line without what it holds of HTML comments. */
  readonly visible: string;
}

/** The lines of a text: blocks of code and comments of HTML, in which nothing is markup, are recognised. Line ends of all systems. */
export function scanLines(text: string): readonly ScannedLine[] {
  let fence: string | undefined;
  let isComment = false;
  const lines = text.includes("\r") ? text.split(/\r\n?|\n/) : text.split("\n");
  const comments = new CommentReader(lines);
  return lines.map((line, number): ScannedLine => {
    if (fence !== undefined) {
      const isEnd = isFenceEnd(line, fence);
      if (isEnd) fence = undefined;
      return { line, type: isEnd ? "fence" : "code", visible: line };
    }
    fence = isComment ? undefined : fenceAt(line);
    if (fence !== undefined) return { line, type: "fence", visible: line };
    if (!isComment && !line.includes("<!--")) return { line, type: "text", visible: line };
    const { visible, isOpen } = comments.read(number, isComment);
    isComment = isOpen;
    return { line, type: "text", visible };
  });
}

const opening = /^ {0,3}(?:```|~~~)/;

/** The fence that begins a block of code in this line: its backticks or tildes. */
function fenceAt(line: string): string | undefined {
  if (!opening.test(line)) return undefined;
  const text = line.trimStart();
  const mark = text.charAt(0);
  let length = 3;
  while (text.charAt(length) === mark) length += 1;
  // Backticks behind backticks: that is code in a line of text.
  return mark === "`" && text.includes(mark, length) ? undefined : mark.repeat(length);
}

function isFenceEnd(line: string, fence: string): boolean {
  const text = line.trim();
  return text.length >= fence.length && line.search(/\S/) <= 3 && text === fence.charAt(0).repeat(text.length);
}
