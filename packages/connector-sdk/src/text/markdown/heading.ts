import { htmlToText } from "../html-to-text.ts";

/** A heading: 1 is the outermost level. Its title may hold markup. */
export interface Heading {
  readonly level: number;
  readonly title: string;
}

const hashes = /^ {0,3}(#{1,6})[ \t](.*)$/;
const htmlHeading = /^ {0,3}<h([1-6])[\s>]/i;
/** `{#id}` and `{.class}`, which some programs read behind a heading. */
const attributes = /\{[^{}]*\}$/;

/** The heading that a line is: `## Title`, `## Title ##` or `<h2>Title</h2>`. */
export function headingOf(line: string): Heading | undefined {
  const match = hashes.exec(line);
  if (match !== null) return named(match[1]?.length ?? 1, withoutClosing((match[2] ?? "").trim()));
  const level = htmlHeading.exec(line)?.[1];
  if (level === undefined || !line.toLowerCase().includes(`</h${level}`)) return undefined;
  return named(Number(level), htmlToText(line));
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
