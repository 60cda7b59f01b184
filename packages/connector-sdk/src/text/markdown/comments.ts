const begin = "<!--";
const end = "-->";
/** A comment that begins a line, also of a list or a quotation, is a block: it may hold empty lines, and ends with the document at the latest. */
const beforeBlock = /^[ \t]{0,3}(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]{0,3})*$/;

/** What a line holds beside comments, and whether one is open at its end. */
export interface VisibleLine {
  readonly visible: string;
  readonly isOpen: boolean;
}

/** Finds the comments of HTML in a document. One in code is text, and so is one within a line that its paragraph does not close. */
export class CommentReader {
  readonly #lines: readonly string[];
  /** For each line, whether its paragraph closes a comment there or below. */
  #closing: readonly boolean[] | undefined;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  read(number: number, isInComment: boolean): VisibleLine {
    const line = this.#lines[number] ?? "";
    let visible = "";
    let isOpen = isInComment;
    let from = 0;
    while (from < line.length) {
      const at = isOpen ? line.indexOf(end, from) : commentAt(line, from);
      if (at === -1) return { visible: isOpen ? visible : visible + line.slice(from), isOpen };
      if (isOpen) {
        from = at + end.length;
        isOpen = false;
        continue;
      }
      const close = closeOf(line, at);
      const isComment = close !== -1 || beforeBlock.test(line.slice(0, at)) || this.#closesBelow(number);
      if (!isComment) return { visible: visible + line.slice(from), isOpen: false };
      visible += line.slice(from, at);
      if (close === -1) return { visible, isOpen: true };
      from = close;
    }
    return { visible, isOpen };
  }

  #closesBelow(number: number): boolean {
    this.#closing ??= closingLines(this.#lines);
    return this.#closing[number + 1] ?? false;
  }
}

function closingLines(lines: readonly string[]): readonly boolean[] {
  const closing: boolean[] = [];
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const line = lines[at] ?? "";
    closing[at] = line.trim() !== "" && (line.includes(end) || (closing[at + 1] ?? false));
  }
  return closing;
}

/** Behind the comment that begins at `at`; -1 when this line does not close it. `<!-->` is one without words. */
function closeOf(line: string, at: number): number {
  for (const empty of [">", "->"]) if (line.startsWith(empty, at + begin.length)) return at + begin.length + empty.length;
  const close = line.indexOf(end, at + begin.length);
  return close === -1 ? -1 : close + end.length;
}

/** Where the next comment begins that is not in code; -1 when there is none. */
function commentAt(line: string, from: number): number {
  let comment = line.indexOf(begin, from);
  let at = from;
  while (comment !== -1) {
    // Not beyond the comment: a line of very many would be looked through for each of them.
    const before = line.slice(at, comment).indexOf("`");
    if (before === -1) return comment;
    const code = at + before;
    let behind = code;
    while (line.charAt(behind) === "`") behind += 1;
    const ticks = line.slice(code, behind);
    const close = line.indexOf(ticks, behind);
    at = close === -1 ? behind : close + ticks.length;
    if (at > comment) comment = line.indexOf(begin, at);
  }
  return -1;
}
