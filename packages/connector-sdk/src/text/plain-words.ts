import { characterCount } from "./character-count.ts";
import { oneLine, shorten } from "./one-line.ts";

/** Lines that belong together, and how many of them were taken. */
interface Block {
  readonly isCode: boolean;
  readonly lines: string[];
  taken: number;
}

/** What is left of a plain text while an episode's text is made of it. */
export class PlainWords {
  readonly #blocks: readonly Block[];

  constructor(words: string) {
    this.#blocks = readBlocks(words);
  }

  /** Lines on one line, until the room is filled: prose first. A line that is longer than the room is cut only where wanted. */
  take(room: number, isCut: boolean): string {
    const parts: string[] = [];
    let left = room;
    for (const block of [...this.#blocks.filter(({ isCode }) => !isCode), ...this.#blocks.filter(({ isCode }) => isCode)]) {
      while (left > 0 && block.taken < block.lines.length) {
        const part = takeLine(block, isCut ? left : Infinity);
        if (part !== "") parts.push(part);
        // A cut ends the line, whatever room a long word has left.
        left = isCut && part.endsWith("…") ? 0 : left - characterCount(part) - (part === "" ? 0 : 1);
      }
    }
    return parts.join(" ");
  }

  rest(): string {
    const texts = this.#blocks.map(({ lines, taken }) => lines.slice(taken).join("\n").trimEnd());
    return texts.filter((text) => text !== "").join("\n\n");
  }
}

/** The next line, or so much of it as there is room for; then what is left of it is the next line. */
function takeLine(block: Block, room: number): string {
  const line = oneLine(block.lines[block.taken] ?? "");
  const part = shorten(line, room);
  if (part === line) block.taken += 1;
  else block.lines[block.taken] = `…${line.slice(wordStart(line, part.length - 1)).trimStart()}`;
  return part;
}

/** A word that was cut is repeated whole: the rest of a secret is not recognised without its beginning. */
function wordStart(line: string, cut: number): number {
  return line[cut] === " " ? cut : line.lastIndexOf(" ", cut) + 1;
}

function readBlocks(words: string): readonly Block[] {
  const blocks: Block[] = [];
  let current: Block = { isCode: false, lines: [], taken: 0 };
  for (const line of words.split("\n")) {
    const isFence = line.trim() === "```";
    if (!isFence && (current.isCode || line.trim() !== "")) {
      current.lines.push(line);
      continue;
    }
    if (current.lines.length > 0) blocks.push(current);
    current = { isCode: isFence ? !current.isCode : current.isCode, lines: [], taken: 0 };
  }
  return current.lines.length > 0 ? [...blocks, current] : blocks;
}
