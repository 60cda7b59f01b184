import { cleanText, type DocumentLinks, documentLinks, documentTitle } from "@statewave-connectors/connector-sdk/text";
import { decodeAs } from "../folder/decode-document.ts";
import type { DocumentVersion } from "./document-version.ts";
import { fileTitle } from "./file-title.ts";
import type { Frontmatter } from "./frontmatter-fields.ts";
import { splitFrontmatter } from "./frontmatter.ts";
import { isSiteSetting } from "./site-settings.ts";

/** A document as a reader sees it. */
export interface Document {
  /** Of the frontmatter, else of the text, else the file's name. */
  readonly title: string;
  /** Whether the document says its title itself: another name of its file does not change it. */
  readonly hasOwnTitle: boolean;
  readonly frontmatter: Frontmatter;
  readonly isBroken: boolean;
  /** Without the frontmatter. */
  readonly body: string;
  /** What references in it lead to, also those from another section. */
  readonly links: DocumentLinks;
}

export function parseDocument({ path, bytes, encoding = "utf-8" }: DocumentVersion): Document {
  const source = cleanText(decodeAs(encoding, bytes).replaceAll(/\r\n?/g, "\n"));
  const { frontmatter, isBroken, body } = splitFrontmatter(source);
  const own = frontmatter.title ?? documentTitle(body);
  return {
    title: own ?? fileTitle(path),
    hasOwnTitle: own !== undefined,
    frontmatter,
    isBroken,
    body,
    links: documentLinks(body),
  };
}

/** The body without a heading at its beginning that repeats the title. */
export function bodyBelowTitle({ title, body }: Document): string {
  const lines = body.trim().split("\n");
  // An underlined heading has two lines.
  const length = [1, 2].find((count) => documentTitle(lines.slice(0, count).join("\n")) === title);
  return lines
    .slice(length ?? 0)
    .join("\n")
    .trim();
}

/** What the frontmatter says besides title and description, a line each. */
export function fieldLines({ date, tags, aliases, others = {} }: Frontmatter): readonly string[] {
  return [
    ...(date === undefined ? [] : [`Date: ${date}`]),
    ...(tags === undefined ? [] : [`Tags: ${tags.join(", ")}`]),
    ...(aliases === undefined ? [] : [`Aliases: ${aliases.join(", ")}`]),
    ...Object.entries(others).map(([name, value]) => `${name}: ${value}`),
  ];
}

/** Of {@link fieldLines}, what says something to readers. */
export function shownFieldLines({ others = {}, ...named }: Frontmatter): readonly string[] {
  const shown = Object.entries(others).filter(([name]) => !isSiteSetting(name));
  return fieldLines({ ...named, others: Object.fromEntries(shown) });
}

/** What of the frontmatter goes into the metadata of every episode of the document. */
export function frontmatterMetadata({ frontmatter: { others, ...named }, isBroken }: Document): Record<string, unknown> {
  return {
    ...named,
    ...(others === undefined ? {} : { frontmatter: others }),
    ...(isBroken ? { frontmatter_broken: true } : {}),
  };
}
