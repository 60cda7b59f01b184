import { readSections } from "./markdown/read-sections.ts";

/** No title is looked for further down. Characters, and headings. */
const headLength = 8_000;
const maxHeadings = 100;

/**
 * The title that the text of a Markdown document gives it, without markup: its first heading of the first level, also behind badges and a
 * logo, or the heading that everything stands below. Undefined when there is none. The front matter must have been taken off.
 */
export function documentTitle(document: string): string | undefined {
  const { headings, sections } = readSections(document.slice(0, headLength), maxHeadings);
  const outermost = headings.find(({ level }) => level === 1);
  if (outermost !== undefined) return outermost.title;
  const [first, ...others] = headings;
  const isAbove = first !== undefined && others.every(({ level }) => level > first.level);
  // A text before it is what the document begins with.
  return isAbove && sections[0]?.breadcrumb.length !== 0 ? first.title : undefined;
}
