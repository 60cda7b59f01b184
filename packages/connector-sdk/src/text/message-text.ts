import { characterCount } from "./character-count.ts";
import { oneLine, shorten } from "./one-line.ts";
import { PlainWords } from "./plain-words.ts";

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
  const reading = new PlainWords(words);
  const said = reading.take(summaryLength - characterCount(before) - characterCount(note) - ":  ".length, note !== "");
  const first = firstLine(before, said, note);
  // Whatever else lies within the summary is on one line, too.
  const room = summaryLength - characterCount(first);
  const second = room > 0 ? reading.take(room, false) : "";
  const head = [first, second].filter((line) => line !== "").join("\n");
  return [head, reading.rest()].filter((part) => part !== "").join("\n\n");
}

function firstLine(before: string, said: string, note: string): string {
  const start = before === "" || said === "" ? before : `${before}:`;
  return [start, said, note].filter((part) => part !== "").join(" ");
}
