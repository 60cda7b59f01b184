import { createHash } from "node:crypto";
import { readSections } from "./markdown/read-sections.ts";
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

/**
 * Splits a Markdown document at its headings: `#` and underlined ones and `<h1>`, but not what looks like one in code or in a comment. A heading
 * without text of its own has no section; the breadcrumbs of those below it hold it. The front matter must have been taken off.
 */
export function splitByHeadings(document: string, options: SplitOptions): readonly Section[] {
  const { path, maxBytes = defaultMaxBytes, maxSections = 2_000 } = options;
  const seen = new Map<string, number>();
  return readSections(document, maxSections).sections.flatMap(({ breadcrumb, text }) => {
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

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}
