import { inlineText, type InlineTextOptions } from "./markdown/inline-text.ts";
import { labelsIn, linkDefinitionOf } from "./markdown/link-address.ts";
import { type Block, readBlocks } from "./markdown/read-blocks.ts";
import { oneLine } from "./one-line.ts";

/**
 * Statewave keeps the first 500 characters of a text as its summary, and shows the first and the last line of these. So they are at
 * most two lines.
 */
const summaryLength = 500;

/** Longer addresses of links are left out of the summary, and so are badges. */
const inline: InlineTextOptions = { maxUrlLength: 100, withoutBadges: true, withoutRareTags: true };

/**
 * An episode's text: the headline, the beginning of the body on one line up to the 500th character, then the rest as it stands. Prose
 * comes first on that line; code, tables and lists of tasks join it when there is not enough prose. Definitions of links stay behind it, and are
 * left out where everything fits and the text refers to all of them: `[error]: 1.2.3` may be no link. `body` is Markdown or plain text.
 */
export function foldText(headline: string, body: string): string {
  const first = oneLine(headline);
  const blocks = readBlocks(body).map((block): Folding => ({ block, taken: 0 }));
  const options = { ...inline, definitions: definitionsIn(blocks) };
  const words: string[] = [];
  let room = summaryLength - first.length;
  for (const isProse of [true, false]) {
    for (const folding of blocks) {
      if ((folding.block.kind === "prose") !== isProse || folding.block.kind === "definitions") continue;
      while (room > 0 && folding.taken < folding.block.lines.length) {
        const folded = foldLine(folding.block.lines[folding.taken] ?? "", folding.block, options);
        folding.taken += 1;
        if (folded === "") continue;
        words.push(folded);
        room -= folded.length + 1;
      }
    }
  }
  const isWhole =
    blocks.every(({ block, taken }) => block.kind === "definitions" || taken === block.lines.length) && areAllUsed(blocks);
  const rest = isWhole ? "" : blocks.flatMap(restOf).join("\n\n");
  const head = [first, words.join(" ")].filter((line) => line !== "").join("\n");
  return [head, rest].filter((part) => part !== "").join("\n\n");
}

/** A block, and how many of its lines the summary holds. */
interface Folding {
  readonly block: Block;
  taken: number;
}

function definitionsIn(blocks: readonly Folding[]): ReadonlyMap<string, string> {
  const lines = blocks.flatMap(({ block }) => (block.kind === "definitions" ? block.lines : []));
  return new Map(lines.flatMap((line) => linkDefinitionOf(line) ?? []).map(({ label, url }) => [label, url]));
}

/** Whether the text refers to each of the definitions. */
function areAllUsed(blocks: readonly Folding[]): boolean {
  const defined = definitionsIn(blocks);
  if (defined.size === 0) return true;
  const lines = blocks.flatMap(({ block }) => (block.kind === "definitions" || block.kind === "code" ? [] : block.lines));
  const used = labelsIn(lines.join("\n"));
  return [...defined.keys()].every((label) => used.has(label));
}

function foldLine(line: string, { kind }: Block, options: InlineTextOptions): string {
  if (kind === "code") return oneLine(line);
  if (kind === "table") return cellsOf(line, options);
  const text = line.includes("#") ? line.replace(/^\s*#{1,6}\s+/, "") : line;
  const words = kind === "tasks" ? text.replace(/^(\s*(?:[-*+]|\d{1,9}[.)])\s+)\[[ xX]\]\s+/, "$1") : text;
  return oneLine(inlineText(words, options));
}

/** The cells of a row that hold a word: the row below the head of a table holds none. */
function cellsOf(row: string, options: InlineTextOptions): string {
  const cells = row.split("|").map((cell) => oneLine(inlineText(cell, options)));
  return cells.filter((cell) => cell !== "" && !/^:?-+:?$/.test(cell)).join(", ");
}

function restOf({ block, taken }: Folding): readonly string[] {
  const lines = block.lines.slice(taken);
  if (lines.length === 0) return [];
  if (block.kind !== "code") return [lines.join("\n")];
  const fence = block.fence ?? "```";
  const close = /^(`+|~+)/.exec(fence)?.[1] ?? fence;
  return [[taken === 0 ? fence : close, ...lines, close].join("\n")];
}
