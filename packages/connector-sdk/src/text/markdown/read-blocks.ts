import { scanLines } from "./scan-lines.ts";

export type BlockKind = "prose" | "code" | "table" | "tasks";

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

/** Reads Markdown as prose, code, tables and lists of tasks. Comments of HTML and rules are left out. */
export function readBlocks(body: string): readonly Block[] {
  const blocks: OpenBlock[] = [];
  let current: OpenBlock | undefined;
  const start = (block: OpenBlock) => {
    blocks.push(block);
    current = block;
  };
  for (const { line, type, visible } of scanLines(body)) {
    if (type === "fence") {
      const isEnd = current?.fence !== undefined;
      if (isEnd) current = undefined;
      else start({ kind: "code", fence: line.trim(), lines: [] });
    } else if (type === "code") current?.lines.push(line);
    else if (visible.trim() === "" || isRule(visible)) current = undefined;
    else {
      const kind = kindOf(visible);
      if (current?.kind !== kind) start({ kind, lines: [] });
      current?.lines.push(visible);
    }
  }
  return blocks;
}

function kindOf(line: string): BlockKind {
  if (task.test(line)) return "tasks";
  return line.trimStart().startsWith("|") ? "table" : "prose";
}

/** A line of three or more of the same marks, with spaces between them or without. */
function isRule(line: string): boolean {
  if (!/^\s*[-*_]/.test(line)) return false;
  const marks = line.replaceAll(/\s/g, "");
  return marks.length >= 3 && ["-", "*", "_"].some((mark) => marks === mark.repeat(marks.length));
}
