/** The help of a command as data, so that it can be laid out for any width without the command tree. */
export interface HelpPage {
  readonly usage: string;
  readonly description: string;
  readonly groups: readonly HelpGroup[];
  /** What follows the lists, as it is. */
  readonly after: string;
}

export interface HelpGroup {
  readonly title: string;
  readonly items: readonly (readonly [term: string, description: string])[];
}

const defaultWidth = 80;
/** Narrower columns are not wrapped, as in commander. */
const narrowestColumn = 40;

/** The text of a page. `width`: the characters of a line. Commander lays out the same, which a test compares. */
export function formatHelp({ usage, description, groups, after }: HelpPage, width = defaultWidth): string {
  const termWidth = Math.max(0, ...groups.flatMap(({ items }) => items.map(([term]) => term.length)));
  const lines = [`Usage: ${usage}`, "", ...(description === "" ? [] : [wrap(description, width), ""])];
  for (const { title, items } of groups) {
    lines.push(title, ...items.map(([term, text]) => formatItem(term, text, termWidth, width)), "");
  }
  return `${lines.join("\n")}${after}`;
}

function formatItem(term: string, description: string, termWidth: number, width: number): string {
  if (description === "") return `  ${term}`;
  const indent = termWidth + "  ".length + "  ".length;
  const text = wrap(description, width - indent).replaceAll("\n", `\n${" ".repeat(indent)}`);
  return `  ${term.padEnd(termWidth)}  ${text}`;
}

function wrap(text: string, width: number): string {
  if (width < narrowestColumn) return text;
  return text
    .split("\n")
    .map((line) => wrapLine(line, width))
    .join("\n");
}

function wrapLine(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
