import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository = fileURLToPath(new URL("../../../../", import.meta.url));

const written = ["*.md", ".changeset/*.md", "{docs,bench,apps,deploy,packages}/**/*.md"];
const left = /(^|\/)(node_modules|dist|corpora|fixtures)\/|CHANGELOG\.md$/;

/** Every page that people write or generate, by its path in the repository: corpora and fixtures are data. */
export function markdownFiles(): ReadonlyMap<string, string> {
  const paths = written.flatMap((pattern) => globSync(pattern, { cwd: repository, exclude: (name) => left.test(`/${name}/`) }));
  const own = paths.filter((path) => !left.test(path)).toSorted();
  return new Map(own.map((path) => [path, readFileSync(join(repository, path), "utf8")]));
}

/** A line of prose, outside of code blocks and comments. */
export interface MarkdownLine {
  readonly line: number;
  readonly text: string;
}

/** The lines of a page that are no code, no comment and no front matter. */
export function proseLines(text: string): readonly MarkdownLine[] {
  const lines: MarkdownLine[] = [];
  let closing: RegExp | undefined = text.startsWith("---\n") ? /^---$/ : undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (closing !== undefined) {
      if (index > 0 && closing.test(line)) closing = undefined;
    } else if (/^\s*```/.test(line)) closing = /^\s*```\s*$/;
    else if (/^\s*<!--(?!.*-->)/.test(line)) closing = /-->/;
    else lines.push({ line: index + 1, text: line.replaceAll(/<!--.*?-->/g, "") });
  }
  return lines;
}
