import { inlineText } from "./markdown/inline-text.ts";
import { scanLines } from "./markdown/scan-lines.ts";

/** Longer addresses of links are left out. */
const maxUrlLength = 300;

/** Markdown as plain text, line by line: no marks of headings, emphasis and code, labels of links with their addresses. Code stays as it is. */
export function markdownToText(markdown: string): string {
  const lines: string[] = [];
  for (const { line, type, visible } of scanLines(markdown)) {
    if (type === "code") lines.push(line);
    if (type === "text" && (visible.trim() !== "" || line.trim() === "")) lines.push(plainLine(visible));
  }
  return lines.join("\n").trim();
}

function plainLine(line: string): string {
  return inlineText(line.replace(/^ {0,3}#{1,6}[ \t]+/, ""), { maxUrlLength, isText: true }).trimEnd();
}
