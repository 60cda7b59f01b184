import { characterCount } from "./character-count.ts";
import { inlineText, type InlineTextOptions } from "./markdown/inline-text.ts";
import { labelsIn, type LinkDefinitions, linkDefinitionOf } from "./markdown/link-address.ts";
import { type Block, readBlocks } from "./markdown/read-blocks.ts";
import { oneLine } from "./one-line.ts";

/**
 * Statewave keeps the first 500 characters of a text as its summary, and shows the first and the last line of these. So they are at
 * most two lines.
 */
const summaryLength = 500;

const inline: InlineTextOptions = { withoutBadges: true, isText: true };
/** Longer addresses of links stand behind the words. */
const maxUrlLength = 100;

/** Where the links of a document lead, for texts that are parts of it. */
export interface DocumentLinks {
  readonly definitions: LinkDefinitions;
  /** The labels that the document refers to. */
  readonly used: ReadonlySet<string>;
}

const noLinks: DocumentLinks = { definitions: new Map(), used: new Set() };

/** What {@link foldText} takes of the document that a body is a part of. */
export function documentLinks(document: string): DocumentLinks {
  return document.includes("]:") ? linksIn(readBlocks(document)) : noLinks;
}

/**
 * An episode's text: the headline, the beginning of the body on one line up to the 500th character, then the rest as it stands. Prose
 * comes first on that line; code, the rows of tables and lists of tasks join it when there is not enough prose. Addresses of links stay
 * where everything fits, and stand behind the rest otherwise. Definitions of links stay behind it, too, and are left out where everything
 * fits and the text refers to all of them: `[error]: 1.2.3` may be no link. `body` is Markdown or plain text. `around`: the links of the
 * document that it is a part of.
 */
export function foldText(headline: string, body: string, around: DocumentLinks = noLinks): string {
  const first = oneLine(headline);
  const blocks = readBlocks(body);
  const links = joinedLinks(around, linksIn(blocks));
  const { definitions } = links;
  const room = summaryLength - characterCount(first);
  const tooLong = new Set<string>();
  const whole = fold(blocks, links, room, { ...inline, definitions, maxUrlLength, leftOut: (link) => tooLong.add(link) });
  if (tooLong.size === 0 && whole.rest === "" && characterCount(whole.words) <= room) return joined(first, whole.words);
  const addresses = new Set<string>();
  const shown = { ...inline, definitions, leftOut: (link: string) => addresses.add(link) };
  const { words, rest, isWhole } = fold(blocks, links, room, shown);
  // A third line within the summary would hide the second. The rest is definitions of links.
  if (isWhole && characterCount(words) < room) return joined(first, joinedBy(" ", words, oneLine(rest), ...addresses));
  return joinedBy("\n\n", joined(first, words), rest, [...addresses].join("\n"));
}

/** Markdown on one line, in its own order. `around`: as {@link foldText} takes it. */
export function foldWords(markdown: string, around: DocumentLinks = noLinks): string {
  const blocks = readBlocks(markdown);
  const links = joinedLinks(around, linksIn(blocks));
  const addresses = new Set<string>();
  const shown = { ...inline, definitions: links.definitions, maxUrlLength, leftOut: (link: string) => addresses.add(link) };
  const { words, rest } = fold(blocks, links, Infinity, shown);
  return joinedBy(" ", words, oneLine(rest), ...addresses);
}

interface Folded {
  /** On one line. */
  readonly words: string;
  readonly rest: string;
  /** Whether the words are all but definitions of links. */
  readonly isWhole: boolean;
}

function fold(read: readonly Block[], links: DocumentLinks, summaryRoom: number, options: InlineTextOptions): Folded {
  const blocks = read.map((block): Folding => ({ block, taken: 0 }));
  const words: string[] = [];
  let room = summaryRoom;
  // Where all of it is wanted, nothing has to come first.
  const order = room === Infinity ? blocks : [...blocks.filter(isProse), ...blocks.filter((folding) => !isProse(folding))];
  for (const folding of order) {
    if (folding.block.kind === "definitions") continue;
    while (room > 0 && folding.taken < folding.block.lines.length) {
      const folded = foldLine(folding, options);
      folding.taken += 1;
      if (folded === "") continue;
      // The meaning of a term, as lists of definitions have it: no space stands before it.
      const isMeaning = isProse(folding) && folded.startsWith(": ") && folding.taken > 1;
      if (isMeaning) words.push(`${words.pop() ?? ""}${folded}`);
      else words.push(folded);
      room -= characterCount(folded) + (isMeaning ? 0 : 1);
    }
  }
  const isWhole = blocks.every(({ block, taken }) => block.kind === "definitions" || taken === block.lines.length);
  const rest = isWhole && areAllUsed(read, links) ? "" : blocks.flatMap(restOf).join("\n\n");
  return { words: words.join(" "), rest, isWhole };
}

function isProse({ block }: Folding): boolean {
  return block.kind === "prose";
}

function joined(...lines: readonly string[]): string {
  return joinedBy("\n", ...lines);
}

function joinedBy(separator: string, ...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(separator);
}

/** A block, and how many of its lines the summary holds. */
interface Folding {
  readonly block: Block;
  taken: number;
}

function definedIn(blocks: readonly Block[]): LinkDefinitions {
  const lines = blocks.flatMap((block) => (block.kind === "definitions" ? block.lines : []));
  return new Map(lines.flatMap((line) => linkDefinitionOf(line) ?? []).map(({ label, url }) => [label, url]));
}

function linksIn(blocks: readonly Block[]): DocumentLinks {
  const definitions = definedIn(blocks);
  if (definitions.size === 0) return noLinks;
  const lines = blocks.flatMap((block) => (block.kind === "definitions" || block.kind === "code" ? [] : block.lines));
  return { definitions, used: labelsIn(lines.join("\n")) };
}

function joinedLinks(around: DocumentLinks, own: DocumentLinks): DocumentLinks {
  if (around.definitions.size === 0) return own;
  return {
    definitions: new Map([...around.definitions, ...own.definitions]),
    used: new Set([...around.used, ...own.used]),
  };
}

/** Whether something refers to each of the definitions. */
function areAllUsed(blocks: readonly Block[], { used }: DocumentLinks): boolean {
  return [...definedIn(blocks).keys()].every((label) => used.has(label));
}

const tableHead = 2;
const delimiterCell = /^:?-*:?$/;
const quoted = /^\s*>[\s>]*/;

/** The next line. Of a quotation the first one keeps its mark: within a sentence it would part the words. */
function foldLine({ block: { kind, lines }, taken }: Folding, options: InlineTextOptions): string {
  const isWithinQuotation = kind === "prose" && quoted.test(lines[taken - 1] ?? "");
  const line = isWithinQuotation ? (lines[taken] ?? "").replace(quoted, "") : (lines[taken] ?? "");
  if (kind === "code") return oneLine(line);
  if (kind === "table") return rowOf(line, { isLast: taken + 1 === lines.length }, options);
  const text = line.includes("#") ? line.replace(/^\s*#{1,6}\s+/, "") : line;
  const words = kind === "tasks" ? text.replace(/^(\s*(?:[-*+]|\d{1,9}[.)])\s+)\[[ xX]\]\s+/, "$1") : text;
  // A backslash breaks the line here; at the end of all it is one.
  const isBroken = taken + 1 < lines.length && words.endsWith("\\") && !words.endsWith("\\\\");
  return oneLine(inlineText(isBroken ? words.slice(0, -1) : words, options));
}

/** A row of a table: what it is about, a colon, then the other cells. Between rows stands a mark, or a reader would run them together. */
function rowOf(row: string, { isLast }: { readonly isLast: boolean }, options: InlineTextOptions): string {
  const cells = row.split(/(?<!\\)\|/).map((cell) => oneLine(inlineText(cell.replaceAll("\\|", "|"), options)));
  const from = cells.findIndex((cell) => cell !== "");
  const [first = "", ...others] = cells.slice(Math.max(from, 0), cells.findLastIndex((cell) => cell !== "") + 1);
  if ([first, ...others].every((cell) => delimiterCell.test(cell))) return "";
  const words = others.length === 0 ? first : `${first}${/[:.?!]$/.test(first) ? "" : ":"} ${others.map(shownCell).join(", ")}`;
  return isLast || /[.;?!]$/.test(words) ? words : `${words};`;
}

/** An empty cell between others is shown: without it the later ones would stand in other columns. */
function shownCell(cell: string): string {
  return cell === "" ? "–" : cell;
}

function restOf({ block, taken }: Folding): readonly string[] {
  const lines = block.lines.slice(taken);
  if (lines.length === 0) return [];
  // Without their head, rows say nothing.
  if (block.kind === "table") return [[...block.lines.slice(0, Math.min(taken, tableHead)), ...lines].join("\n")];
  if (block.kind !== "code") return [lines.join("\n")];
  const fence = block.fence ?? "```";
  const close = /^(`+|~+)/.exec(fence)?.[1] ?? fence;
  return [[taken === 0 ? fence : close, ...lines, close].join("\n")];
}
