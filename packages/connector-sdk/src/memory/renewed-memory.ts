import type { Episode } from "../contract/episode.ts";

/** Statewave keeps so many characters of a text as its summary. */
const summaryLength = 500;
/** A newer summary retires an older one with which it shares so much of the words of both. */
const retiringPart = 0.8;

/**
 * The candidates of an episode that changes the state of something: the memory of its beginning with the new state in its first line, which retires
 * the former one. So there is one memory of the whole. Undefined where the beginning is too short for that.
 *
 * @param beginning The text of the episode that began it.
 * @param states What to add, in parentheses: the first with which the words are still those of the beginning.
 */
export function renewedMemory(beginning: string, ...states: readonly string[]): Episode["candidates"] {
  const [first = "", ...rest] = summaryOf(beginning).split("\n");
  const known = wordsOf([first, ...rest].join("\n"));
  const state = states.find((candidate) => known.size >= retiringPart * (known.size + newWords(`(${candidate})`, known)));
  if (state === undefined) return undefined;
  return [{ kind: "episode_summary", text: [`${first} (${state})`, ...rest].join("\n").trim() }];
}

/** With the mark of a cut, by which what is left of a secret is recognised. */
function summaryOf(text: string): string {
  return text.length <= summaryLength ? text : `${text.slice(0, summaryLength - 1).toWellFormed()}…`;
}

function newWords(text: string, known: ReadonlySet<string>): number {
  let count = 0;
  for (const word of wordsOf(text)) if (!known.has(word)) count += 1;
  return count;
}

const edges = new Set("?.,:;()[]{}'\"!");

/** As Statewave compares them: lower case, between white space, without punctuation at the edges. */
function wordsOf(text: string): ReadonlySet<string> {
  const words = new Set<string>();
  for (const each of text.toLowerCase().split(/\s+/)) {
    const word = withoutEdges(each);
    if (word !== "") words.add(word);
  }
  return words;
}

function withoutEdges(word: string): string {
  let [start, end] = [0, word.length];
  while (start < end && edges.has(word.charAt(start))) start += 1;
  while (end > start && edges.has(word.charAt(end - 1))) end -= 1;
  return word.slice(start, end);
}
