import { oneLine, shorten } from "../one-line.ts";
import { type Heading, headingOf, openHeadingLevel, titleInHtml, underlineLevel } from "./heading.ts";
import { inlineText } from "./inline-text.ts";
import { scanLines, type ScannedLine } from "./scan-lines.ts";

const maxHeadingLength = 200;
/** A longer paragraph above a line of dashes was not meant as a heading. */
const maxUnderlinedLines = 2;
/** A heading of HTML that is not closed after so many lines is text. */
const maxHtmlLines = 30;

export interface RawSection {
  readonly breadcrumb: readonly string[];
  readonly text: string;
}

/** What a document is made of. */
export interface Outline {
  readonly sections: readonly RawSection[];
  /** In their order, also those without text of their own. Titles are plain text. */
  readonly headings: readonly Heading[];
}

/** Reads a document by its headings. Behind `maxSections` of them the rest is one section. */
export function readSections(document: string, maxSections: number): Outline {
  const reader = new SectionReader(maxSections);
  for (const line of scanLines(document)) reader.take(line);
  reader.finish();
  return reader;
}

interface OpenHeading {
  readonly level: number;
  readonly lines: string[];
}

class SectionReader {
  readonly sections: RawSection[] = [];
  readonly headings: Heading[] = [];
  readonly #maxSections: number;
  readonly #trail: Heading[] = [];
  #lines: string[] = [];
  /** How many of the last lines are one paragraph; undefined in a list, a quotation or a table. */
  #paragraph: number | undefined = 0;
  /** A heading of HTML that is not closed yet. */
  #open: OpenHeading | undefined;

  constructor(maxSections: number) {
    this.#maxSections = maxSections;
  }

  take(scanned: ScannedLine): void {
    const { line, type, visible } = scanned;
    const isText = type === "text" && this.sections.length < this.#maxSections;
    if (this.#open !== undefined) return this.#continue(this.#open, scanned);
    const heading = isText ? this.#headingIn(visible) : undefined;
    if (heading !== undefined) return this.#begin(heading);
    const level = isText ? openHeadingLevel(visible) : undefined;
    if (level === undefined) this.#add(line, type === "text" ? visible : "");
    else this.#open = { level, lines: [line] };
    return undefined;
  }

  finish(): void {
    this.#giveUp();
    this.#finishSection();
  }

  #finishSection(): void {
    const text = withoutEmptyEnds(this.#lines);
    if (text !== "") this.sections.push({ breadcrumb: this.#trail.map(({ title }) => title), text });
    this.#lines = [];
  }

  #continue({ level, lines }: OpenHeading, scanned: ScannedLine): void {
    const { line, type, visible } = scanned;
    const isClosed = type === "text" && visible.toLowerCase().includes(`</h${level}`);
    if (!isClosed && (type !== "text" || lines.length >= maxHtmlLines || headingOf(visible) !== undefined)) {
      this.#giveUp();
      return this.take(scanned);
    }
    lines.push(line);
    const title = isClosed ? titleInHtml(lines.join("\n"), level) : "";
    if (title !== "") {
      this.#open = undefined;
      this.#begin({ level, title });
    } else if (isClosed) this.#giveUp();
    return undefined;
  }

  #giveUp(): void {
    const lines = this.#open?.lines ?? [];
    this.#open = undefined;
    for (const line of lines) this.#add(line, line);
  }

  /** An underlined heading is taken off the lines before. */
  #headingIn(line: string): Heading | undefined {
    const level = underlineLevel(line);
    const length = this.#paragraph ?? 0;
    if (level === undefined || length === 0 || length > maxUnderlinedLines) return headingOf(line);
    const title = this.#lines.slice(-length).join(" ");
    if (title.length > maxHeadingLength) return undefined;
    this.#lines = this.#lines.slice(0, -length);
    return { level, title };
  }

  #begin({ level, title }: Heading): void {
    this.#finishSection();
    while ((this.#trail.at(-1)?.level ?? 0) >= level) this.#trail.pop();
    const heading = { level, title: shorten(oneLine(inlineText(title)), maxHeadingLength) };
    this.#trail.push(heading);
    this.headings.push(heading);
    this.#paragraph = 0;
  }

  #add(line: string, visible: string): void {
    this.#lines.push(line);
    if (visible.trim() === "") this.#paragraph = 0;
    else if (this.#paragraph !== undefined) this.#paragraph = isOtherBlock(visible) ? undefined : this.#paragraph + 1;
  }
}

/** A list, a quotation, a table, or indented code. */
function isOtherBlock(line: string): boolean {
  return /^\s*(?:[-*+>|]|\d{1,9}[.)]\s)/.test(line) || /^(?: {4}|\t)/.test(line);
}

function withoutEmptyEnds(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line.trim() !== "");
  return first === -1 ? "" : lines.slice(first).join("\n").trimEnd();
}
