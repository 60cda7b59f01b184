import type { Nearness } from "./bag-of-words.ts";
import { candidateMemories } from "./candidates.ts";
import { acceptedCandidates } from "./compile.ts";
import { type RankedLine, rankLines } from "./rank.ts";
import type { HeldEpisode, Memory, MemoryKind } from "./held-episode.ts";

/** Kept free for the headings of the sections (read: `services/context.py`). */
const headingTokens = 10;

/** What a server holds of one subject. */
export interface SubjectMemory {
  /** Those that are looked at, see {@link newestEpisodes}. */
  readonly newest: readonly HeldEpisode[];
  /** Not superseded, in an order that stands for chance. */
  readonly active: readonly Memory[];
}

export interface ContextQuestion {
  readonly question: string;
  /** Tokens. */
  readonly budget: number;
  /** Undefined: stub embeddings. */
  readonly nearness: Nearness | undefined;
  /** The server counts in `cl100k_base` (read: `core/config.py`). */
  readonly countTokens: (text: string) => number;
}

export interface Context {
  /** What the answer is read from, best first; the question itself is left out. */
  readonly shown: readonly RankedLine[];
  readonly lines: readonly string[];
  /** The lines that the budget had no room for. */
  readonly leftOut: readonly string[];
  readonly tokens: number;
}

/** The context that a server gives for a question. A line that does not fit is passed over, and shorter ones behind it still go in. */
export function assembleContext({ newest, active }: SubjectMemory, request: ContextQuestion): Context {
  const { question, budget, nearness, countTokens } = request;
  const memories = candidateMemories(active, question, nearness);
  const summaries = memories.filter(({ memory }) => memory.kind === "summary");
  const summarised = new Set(summaries.map(({ memory }) => memory.episode));
  // A summary stands for its episode. One that candidates were taken from is never shown raw (read: `structured.py`).
  const raw = newest.filter((episode) => !summarised.has(episode) && acceptedCandidates(episode) === undefined);
  const ranked = rankLines(question, memories, raw);
  const shown: RankedLine[] = [];
  const leftOut: string[] = [];
  let tokens = countTokens(taskHeading(question));
  for (const one of ranked) {
    const { line } = one;
    const cost = countTokens(line);
    if (tokens + cost + headingTokens > budget) {
      leftOut.push(line);
      continue;
    }
    tokens += cost;
    shown.push(one);
  }
  return { shown, lines: shown.map(({ line }) => line), leftOut, tokens };
}

const sections: readonly (readonly [heading: string, kind: MemoryKind | undefined])[] = [
  ["## About this user", "fact"],
  ["## Procedures", "procedure"],
  ["## Recent history", "summary"],
  ["## Recent interactions", undefined],
];

/** The text of a context, by sections (read: `services/context.py`). */
export function renderContext(question: string, shown: readonly RankedLine[]): string {
  const parts = sections.flatMap(([heading, kind]) => {
    const lines = shown.filter(({ memory }) => memory?.kind === kind).map(({ line }) => line);
    return lines.length === 0 ? [] : [heading, ...lines, ""];
  });
  return [taskHeading(question), ...parts].join("\n");
}

function taskHeading(question: string): string {
  return `## Task\n${question}\n`;
}
