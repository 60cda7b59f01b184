/** Quotes within quotes beyond this look like the outermost ones: their marks would outgrow the text. */
const maxQuoteDepth = 5;

/** Puts lines together: spaces and line breaks only between words, and each line behind its quotation marks. */
export class TextBuilder {
  readonly #parts: string[] = [];
  #quoteDepth = 0;
  /** Line breaks that come before the next word. */
  #breaks = 0;
  #hasSpace = false;
  #isEmpty = true;
  /** Stands between the last words and the next ones of the same line. */
  #separators = "";
  #lastDepth = 0;
  #isLineStart = true;

  /** Words whose whitespace says nothing, nor does that which keeps them on one line. */
  words(text: string): void {
    const words = text.split(/[ \t\n\r\f\u00A0]+/);
    if (words.length === 1 && words[0] === "") return;
    for (const [index, word] of words.entries()) {
      if (index > 0) this.#hasSpace = true;
      if (word !== "") this.#write(word);
    }
  }

  /** Text that is kept as it stands, such as code. */
  verbatim(text: string): void {
    for (const [index, line] of text.split(/\r\n?|\n/).entries()) {
      if (index > 0) this.lineBreak();
      if (line !== "") this.#write(line);
    }
  }

  /** Ends the line; as often as it is called. At most one empty line comes of it. */
  lineBreak(): void {
    this.block(this.#breaks === 0 ? 1 : 2);
  }

  /** Ends the line, or leaves an empty one before what follows. */
  block(breaks: 1 | 2): void {
    this.#breaks = Math.max(this.#breaks, breaks);
    this.#hasSpace = false;
    this.#separators = "";
  }

  /** What separates words on a line, such as the cells of a table: left out at its end. */
  separator(text: string): void {
    if (this.#breaks === 0) this.#separators += text;
    this.#hasSpace = true;
  }

  /** Words that stand alone, such as the mark of a list: a space follows. */
  mark(text: string): void {
    this.#write(text);
    this.#hasSpace = true;
  }

  quote(step: 1 | -1): void {
    this.block(2);
    this.#quoteDepth += step;
  }

  toString(): string {
    return this.#parts.join("");
  }

  #write(text: string): void {
    if (this.#breaks > 0 && !this.#isEmpty) {
      this.#parts.push("\n");
      // An empty line at the beginning or end of a quotation does not belong to it.
      const depth = Math.min(this.#quoteDepth, this.#lastDepth);
      if (this.#breaks === 2) this.#parts.push(`${marks(depth).trimEnd()}\n`);
      this.#isLineStart = true;
    }
    if (this.#isLineStart) this.#parts.push(marks(this.#quoteDepth));
    else this.#parts.push(this.#separators, this.#hasSpace ? " " : "");
    this.#parts.push(text);
    this.#breaks = 0;
    this.#separators = "";
    this.#lastDepth = this.#quoteDepth;
    this.#hasSpace = false;
    this.#isEmpty = false;
    this.#isLineStart = false;
  }
}

function marks(depth: number): string {
  return "> ".repeat(Math.min(depth, maxQuoteDepth));
}
