import { createHash } from "node:crypto";
import { type Heading, headingOf, underlineLevel } from "./markdown/heading.ts";
import { inlineText } from "./markdown/inline-text.ts";
import { scanLines, type ScannedLine } from "./markdown/scan-lines.ts";
import { oneLine, shorten } from "./one-line.ts";
import { splitText } from "./split-text.ts";

/** A part of a document below one heading, without the parts below further headings. */
export interface Section {
  /** Path, headings, content: the same as long as these are, whatever happens to other sections. 132 bits in base64url. */
  readonly id: string;
  /** The headings that lead here as plain text, the section's own last. Empty before the first heading. */
  readonly breadcrumb: readonly string[];
  /** Without the heading; never empty. */
  readonly text: string;
  /** Of the text; 132 bits of SHA-256 in base64url. */
  readonly contentHash: string;
  /** Set when a section was too long for one: which part this is. */
  readonly part?: { readonly number: number; readonly of: number };
}

/** How a document is split. */
export interface SplitOptions {
  /** Names the document; part of the ids. */
  readonly path: string;
  /** Longer sections come in parts. UTF-8 bytes; by default 12 KiB, which leaves room for a headline. */
  readonly maxBytes?: number;
  /** Behind so many headings the rest is one section, in parts. Default 2,000. */
  readonly maxSections?: number;
}

const defaultMaxBytes = 12 * 1024;
const maxHeadingLength = 200;

/**
 * Splits a Markdown document at its headings: `#` and underlined ones and `<h1>`, but not what looks like one in code or in a comment. A heading
 * without text of its own has no section; the breadcrumbs of those below it hold it. The front matter must have been taken off.
 */
export function splitByHeadings(document: string, options: SplitOptions): readonly Section[] {
  const { path, maxBytes = defaultMaxBytes, maxSections = 2_000 } = options;
  const seen = new Map<string, number>();
  return readSections(document, maxSections).flatMap(({ breadcrumb, text }) => {
    const parts = splitText(text, maxBytes);
    return parts.map((part, index): Section => {
      const contentHash = hashOf(part);
      const place = JSON.stringify([path, breadcrumb, contentHash]);
      const count = (seen.get(place) ?? 0) + 1;
      seen.set(place, count);
      const id = hashOf(count === 1 ? place : `${place} ${count}`);
      return {
        id,
        breadcrumb,
        text: part,
        contentHash,
        ...(parts.length > 1 && { part: { number: index + 1, of: parts.length } }),
      };
    });
  });
}

interface RawSection {
  readonly breadcrumb: readonly string[];
  readonly text: string;
}

function readSections(document: string, maxSections: number): readonly RawSection[] {
  const reader = new SectionReader(maxSections);
  for (const line of scanLines(document)) reader.take(line);
  reader.finish();
  return reader.sections;
}

/** A longer paragraph above a line of dashes was not meant as a heading. */
const maxUnderlinedLines = 2;

class SectionReader {
  readonly sections: RawSection[] = [];
  readonly #maxSections: number;
  readonly #trail: Heading[] = [];
  #lines: string[] = [];
  /** How many of the last lines are one paragraph; undefined in a list, a quotation or a table. */
  #paragraph: number | undefined = 0;

  constructor(maxSections: number) {
    this.#maxSections = maxSections;
  }

  take({ line, type, visible }: ScannedLine): void {
    const heading = type === "text" && this.sections.length < this.#maxSections ? this.#headingIn(visible) : undefined;
    if (heading === undefined) this.#add(line, type === "text" ? visible : "");
    else this.#begin(heading);
  }

  finish(): void {
    const text = withoutEmptyEnds(this.#lines);
    if (text !== "") this.sections.push({ breadcrumb: this.#trail.map(({ title }) => title), text });
    this.#lines = [];
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
    this.finish();
    while ((this.#trail.at(-1)?.level ?? 0) >= level) this.#trail.pop();
    this.#trail.push({ level, title: shorten(oneLine(inlineText(title)), maxHeadingLength) });
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

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
