import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../deploy-folder.ts";

/** A command of a guide, and what it prints: `…` stands for anything. */
export interface TranscriptStep {
  readonly command: string;
  readonly output: string;
}

/** The `console` blocks of a section of a guide, in order. A line that begins with `$ ` is typed, the lines behind it are printed. */
export function transcriptOf(guide: string, section: string): readonly TranscriptStep[] {
  const text = sectionOf(guide, section);
  const blocks = Array.from(text.matchAll(/^```console\n([^]*?)^```/gm), ([, block = ""]) => block);
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [command = "", ...output] = step.split("\n");
        return { command: command.replace(/\s{2,}#.*$/, ""), output: output.join("\n").trimEnd() };
      }),
  );
}

/** The code blocks of a language in a section. */
export function blocksOf(guide: string, section: string, language: string): readonly string[] {
  const blocks = sectionOf(guide, section).matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm"));
  return Array.from(blocks, ([, block = ""]) => block);
}

function sectionOf(guide: string, section: string): string {
  const text = readFileSync(join(repository, "docs/guides", guide), "utf8");
  const [, found] = text.split(`\n## ${section}\n`);
  if (found === undefined) throw new Error(`${guide} has no section ${section}`);
  return found.split(/^## /m, 1)[0] ?? "";
}

/** What the guide says a command prints, for `toMatch`. */
export function printedAs(output: string): RegExp {
  const escaped = output.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[^]*?")}\\s*$`);
}
