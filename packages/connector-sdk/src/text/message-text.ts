import { oneLine, shorten } from "./one-line.ts";

/** Statewave keeps so many characters of a text as its summary, and shows the first and the last line of these. */
const summaryLength = 500;
/** The message's own words begin no later. */
const wordsWithin = 60;
const maxAbout = 160;

const linesOrCode = /\n|```/;

export interface MessageParts {
  /** Who says it where, e.g. `Ann to Ben in #general`. */
  readonly lead: string;
  /** The message as plain text. Blocks of code stand between lines of three backticks. */
  readonly words: string;
  /** What it answers or replaces, e.g. `re: who is on call?`. */
  readonly about?: string | undefined;
}

/**
 * An episode's text for one message of a conversation. The first 500 characters are one line, or two: the lead, the words from the 60th
 * character at latest, prose before code, and what it is about in parentheses. The rest of the words follows with its lines.
 *
 * @example messageText({ lead: "Ann to Ben in #ops", words: "Noor takes Easter", about: "re: who is on call?" })
 * // "Ann to Ben in #ops: Noor takes Easter (re: who is on call?)"
 */
export function messageText({ lead, words, about = "" }: MessageParts): string {
  const before = shorten(oneLine(lead), wordsWithin - ": ".length);
  const note = oneLine(about) === "" ? "" : `(${shorten(oneLine(about), maxAbout)})`;
  // Most messages are one line that answers nothing.
  if (note === "" && !linesOrCode.test(words)) return firstLine(before, oneLine(words), note);
  const reading = new Words(words);
  const said = reading.take(summaryLength - before.length - note.length - ":  ".length, note !== "");
  const first = firstLine(before, said, note);
  // Whatever else lies within the summary is on one line, too.
  const second = first.length < summaryLength ? reading.take(summaryLength - first.length, false) : "";
  const head = [first, second].filter((line) => line !== "").join("\n");
  return [head, reading.rest()].filter((part) => part !== "").join("\n\n");
}

function firstLine(before: string, said: string, note: string): string {
  const start = before === "" || said === "" ? before : `${before}:`;
  return [start, said, note].filter((part) => part !== "").join(" ");
}

/** Lines that belong together, and how many of them were taken. */
interface Block {
  readonly isCode: boolean;
  readonly lines: string[];
  taken: number;
}

/** What is left of a message while its text is made. */
class Words {
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
        left = isCut && part.endsWith("…") ? 0 : left - part.length - (part === "" ? 0 : 1);
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
