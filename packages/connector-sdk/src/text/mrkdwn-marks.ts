const fence = "```";
const wordCharacter = /[\p{L}\p{N}]/u;
/** What the reader looks at; everything between is kept as it is. */
const special = /[<`*_~\n]/g;
/** Without one of them there is nothing to leave out. */
const anyMark = /[`*_~]/;

/**
 * Slack's mrkdwn without its marks of emphasis: `*bold*`, `_italic_`, `~struck~` and the backticks of code. A block of code stands between
 * lines of three backticks, wherever it began. What stands in angle brackets is kept for a later step.
 */
export function withoutMarks(mrkdwn: string): string {
  if (!anyMark.test(mrkdwn)) return mrkdwn;
  const parts = mrkdwn.split(fence);
  // A fence without its partner is left out.
  const open = parts.length % 2 === 0 ? parts.pop() : undefined;
  const read = parts.map((part, at) =>
    at % 2 === 0 ? inline(part) : `\n${fence}\n${part.replace(/^\n/, "").trimEnd()}\n${fence}\n`,
  );
  return `${read.join("")}${open === undefined ? "" : inline(open)}`.replaceAll(/\n(?=\n```\n)|(?<=\n```\n)\n/g, "");
}

function inline(text: string): string {
  return new MarkReader(text).read();
}

/** Goes through the text once. A mark is dropped when its partner is found on the same line. */
class MarkReader {
  readonly #text: string;
  readonly #parts: string[] = [];
  /** The parts that hold an opening mark, by mark. */
  readonly #opened = new Map<string, number>();
  #at = 0;
  #noBacktickBefore = 0;
  #nextClose = -2;

  constructor(text: string) {
    this.#text = text;
  }

  read(): string {
    for (;;) {
      special.lastIndex = this.#at;
      const next = special.exec(this.#text)?.index ?? this.#text.length;
      if (next > this.#at) this.#keepTo(next);
      if (next === this.#text.length) return this.#parts.join("");
      this.#step(this.#text.charAt(next));
    }
  }

  #step(character: string): void {
    switch (character) {
      case "<":
        return this.#keepTo(this.#endOfBrackets());
      case "`":
        return this.#code();
      case "*":
      case "_":
      case "~":
        return this.#mark(character);
      case "\n":
        this.#opened.clear();
        return this.#keepTo(this.#at + 1);
      default:
        return this.#keepTo(this.#at + 1);
    }
  }

  #keepTo(end: number): void {
    this.#parts.push(this.#text.slice(this.#at, end));
    this.#at = end;
  }

  #endOfBrackets(): number {
    if (this.#nextClose !== -1 && this.#nextClose < this.#at) this.#nextClose = this.#text.indexOf(">", this.#at);
    const nextOpen = this.#text.indexOf("<", this.#at + 1);
    const isSpan = this.#nextClose !== -1 && (nextOpen === -1 || nextOpen > this.#nextClose);
    return isSpan ? this.#nextClose + 1 : this.#at + 1;
  }

  /** Nothing in code is a mark. */
  #code(): void {
    const from = this.#at + 1;
    if (from < this.#noBacktickBefore) return this.#keepTo(from);
    const lineEnd = this.#text.indexOf("\n", from);
    const end = this.#text.indexOf("`", from);
    const limit = lineEnd === -1 ? this.#text.length : lineEnd;
    if (end === -1 || end > limit) {
      this.#noBacktickBefore = limit;
      return this.#keepTo(from);
    }
    this.#parts.push(this.#text.slice(from, end));
    this.#at = end + 1;
    return undefined;
  }

  #mark(mark: string): void {
    const before = this.#text.charAt(this.#at - 1);
    const behind = this.#text.charAt(this.#at + 1);
    const opening = this.#opened.get(mark);
    if (opening !== undefined && before.trim() !== "" && before !== mark && !wordCharacter.test(behind)) {
      this.#parts[opening] = "";
      this.#opened.delete(mark);
      this.#at += 1;
      return undefined;
    }
    const mayOpen = behind.trim() !== "" && behind !== mark && before !== mark && !wordCharacter.test(before);
    if (mayOpen) this.#opened.set(mark, this.#parts.length);
    return this.#keepTo(this.#at + 1);
  }
}
