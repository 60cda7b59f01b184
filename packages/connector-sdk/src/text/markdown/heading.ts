import { oneLine } from "../one-line.ts";
import { htmlToText } from "../html-to-text.ts";

/** A heading: 1 is the outermost level. Its title may hold markup. */
export interface Heading {
  readonly level: number;
  readonly title: string;
}

const hashes = /^ {0,3}(#{1,6})[ \t](.*)$/;
/** A heading of HTML may stand in other elements, such as a centred `<div>`. */
const htmlHeading = /^ {0,3}(?:<[a-z][^<>]*> *){0,5}<h([1-6])[\s>]/i;
/** As the reader of HTML writes images. */
const image = /\[image: ([^[\]]*)\]/g;
/** `{#id}` and `{.class}`, which some programs read behind a heading. */
const attributes = /\{[^{}]*\}$/;

/** The heading that a line is: `## Title`, `## Title ##` or `<h2>Title</h2>`. */
export function headingOf(line: string): Heading | undefined {
  const match = hashes.exec(line);
  if (match !== null) return named(match[1]?.length ?? 1, withoutClosing((match[2] ?? "").trim()));
  const level = Number(htmlHeading.exec(line)?.[1] ?? 0);
  return level === 0 ? undefined : named(level, titleInHtml(line, level));
}

/** The level of the heading of HTML that begins in this line and is closed in another. */
export function openHeadingLevel(line: string): number | undefined {
  const level = Number(htmlHeading.exec(line)?.[1] ?? 0);
  return level === 0 || line.toLowerCase().includes(`</h${level}`) ? undefined : level;
}

/** What stands in the first heading of this level; empty when there is none. An image counts when nothing else does. */
export function titleInHtml(html: string, level: number): string {
  const lower = html.toLowerCase();
  const start = lower.indexOf(`<h${level}`);
  const end = lower.indexOf(`</h${level}`, start);
  if (start === -1 || end === -1) return "";
  const text = oneLine(htmlToText(html.slice(start, end)));
  const words = oneLine(text.replaceAll(image, " "));
  return words === "" ? oneLine(text.replaceAll(image, "$1")) : words;
}

/** The level of the heading that a line of `=` or `-` makes of the paragraph above it. */
export function underlineLevel(line: string): 1 | 2 | undefined {
  const text = line.trimEnd();
  const bare = text.trimStart();
  if (bare === "" || text.length - bare.length > 3) return undefined;
  if (bare === "=".repeat(bare.length)) return 1;
  return bare === "-".repeat(bare.length) ? 2 : undefined;
}

function named(level: number, title: string): Heading | undefined {
  const bare = title.replace(attributes, "").trim();
  return bare === "" ? undefined : { level, title: bare };
}

/** `## Title ##` is the heading "Title"; `# C#` keeps its hash, because no space precedes it. */
function withoutClosing(title: string): string {
  let end = title.length;
  while (title.charAt(end - 1) === "#") end -= 1;
  return end === 0 || /\s/.test(title.charAt(end - 1)) ? title.slice(0, end) : title;
}
