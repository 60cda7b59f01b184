import type { Nearness } from "./bag-of-words.ts";
import { candidateMemories } from "./candidates.ts";
import { acceptedCandidates } from "./compile.ts";
import { rankLines } from "./rank.ts";
import type { Memory, StoredEpisode } from "./stored-episode.ts";
import { countTokens } from "./tokens.ts";

/** Kept free for the headings of the sections (read: `services/context.py`). */
const headingTokens = 10;

/** What a server holds of one subject. */
export interface SubjectMemory {
  /** Those that are looked at, see {@link newestEpisodes}. */
  readonly newest: readonly StoredEpisode[];
  /** Not superseded, in an order that stands for chance. */
  readonly active: readonly Memory[];
}

export interface ContextRequest {
  readonly question: string;
  /** Tokens. */
  readonly budget: number;
  /** Undefined: stub embeddings. */
  readonly nearness: Nearness | undefined;
}

export interface Context {
  /** What the answer is read from; the question itself is left out. */
  readonly lines: readonly string[];
  /** The lines that the budget had no room for. */
  readonly leftOut: readonly string[];
  readonly tokens: number;
}

/** The context that a server gives for a question. A line that does not fit is passed over, and shorter ones behind it still go in. */
export function assembleContext({ newest, active }: SubjectMemory, { question, budget, nearness }: ContextRequest): Context {
  const memories = candidateMemories(active, question, nearness);
  const summaries = memories.filter(({ memory }) => memory.kind === "summary");
  const shown = new Set(summaries.map(({ memory }) => memory.episode));
  // A summary stands for its episode. One that candidates were taken from is never shown raw (read: `structured.py`).
  const raw = newest.filter((episode) => !shown.has(episode) && acceptedCandidates(episode) === undefined);
  const ranked = rankLines(question, memories, raw);
  const lines: string[] = [];
  const leftOut: string[] = [];
  let tokens = countTokens(`## Task\n${question}\n`);
  for (const { line } of ranked) {
    const cost = countTokens(line);
    if (tokens + cost + headingTokens > budget) {
      leftOut.push(line);
      continue;
    }
    tokens += cost;
    lines.push(line);
  }
  return { lines, leftOut, tokens };
}
