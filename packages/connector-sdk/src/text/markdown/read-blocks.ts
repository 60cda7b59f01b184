import { linkDefinitionOf } from "./link-address.ts";
import { scanLines, type ScannedLine } from "./scan-lines.ts";

export type BlockKind = "prose" | "code" | "table" | "tasks" | "definitions";

/** Lines that belong together, as they stand, without an empty one. */
export interface Block {
  readonly kind: BlockKind;
  /** Of code: the line before it. */
  readonly fence?: string;
  readonly lines: readonly string[];
}

interface OpenBlock extends Block {
  readonly lines: string[];
}

const task = /^\s*(?:[-*+]|\d{1,9}[.)])\s+\[[ xX]\](?:\s|$)/;

/** The row below the head of a table without outer bars. */
const delimiterRow = /^\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+$/;
/** A tag of HTML may have so many lines more. */
const maxTagLines = 10;
const openTag = /^<[a-z][a-z0-9]*(?:\s|$)/i;

/** Reads Markdown as prose, code, tables, lists of tasks and definitions of links. Comments of HTML and rules are left out. */
export function readBlocks(body: string): readonly Block[] {
  const blocks: OpenBlock[] = [];
  let current: OpenBlock | undefined;
  const start = (block: OpenBlock) => {
    blocks.push(block);
    current = block;
  };
  for (const { line, type, visible } of withWholeTags(scanLines(body))) {
    if (type === "fence") {
      const isEnd = current?.fence !== undefined;
      if (isEnd) current = undefined;
      else start({ kind: "code", fence: line.trim(), lines: [] });
    } else if (type === "code") current?.lines.push(line);
    else if (visible.trim() === "" || isRule(visible)) current = undefined;
    else {
      const head = delimiterRow.test(visible) ? headOfTable(current) : undefined;
      if (head !== undefined) {
        start({ kind: "table", lines: [head, visible] });
        continue;
      }
      const kind = current?.kind === "table" && visible.includes("|") ? "table" : kindOf(visible);
      if (current?.kind !== kind) start({ kind, lines: [] });
      current?.lines.push(visible);
    }
  }
  return blocks.filter(({ kind, lines }) => kind === "code" || lines.length > 0);
}

/** Takes the line before a delimiter row off its block. */
function headOfTable(block: OpenBlock | undefined): string | undefined {
  return block?.kind === "prose" && block.lines.at(-1)?.includes("|") === true ? block.lines.pop() : undefined;
}

/** A tag whose attributes stand on several lines makes these one. */
function withWholeTags(lines: readonly ScannedLine[]): readonly ScannedLine[] {
  const whole: ScannedLine[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const scanned = lines[at]!;
    const last = endOfTag(lines, at);
    whole.push(last === at ? scanned : joined(lines.slice(at, last + 1)));
    at = last;
  }
  return whole;
}

function joined(lines: readonly ScannedLine[]): ScannedLine {
  const line = lines.map(({ visible }) => visible).join(" ");
  return { line, type: "text", visible: line };
}

/** The line in which the tag ends that the line at `at` begins; `at` when there is none. */
function endOfTag(lines: readonly ScannedLine[], at: number): number {
  const first = lines[at];
  if (first === undefined || first.type !== "text") return at;
  const begin = first.visible.lastIndexOf("<");
  if (begin === -1 || first.visible.includes(">", begin) || !openTag.test(first.visible.slice(begin))) return at;
  let hasAttribute = first.visible.includes("=", begin);
  for (const [offset, { type, visible }] of lines.slice(at + 1, at + 1 + maxTagLines).entries()) {
    const end = visible.indexOf(">");
    const part = end === -1 ? visible : visible.slice(0, end);
    if (type !== "text" || visible.trim() === "" || part.includes("<")) return at;
    hasAttribute ||= part.includes("=");
    if (end !== -1) return hasAttribute ? at + 1 + offset : at;
  }
  return at;
}

function kindOf(line: string): BlockKind {
  if (task.test(line)) return "tasks";
  if (linkDefinitionOf(line) !== undefined) return "definitions";
  return line.trimStart().startsWith("|") ? "table" : "prose";
}

/** A line of three or more of the same marks, with spaces between them or without, also below a heading. */
export function isRule(line: string): boolean {
  if (!/^\s*[-*_=]/.test(line)) return false;
  const marks = line.replaceAll(/\s/g, "");
  return marks.length >= 3 && ["-", "*", "_", "="].some((mark) => marks === mark.repeat(marks.length));
}
