import type { Nearness } from "./bag-of-words.ts";
import type { Memory, MemoryKind, HeldEpisode } from "./held-episode.ts";

/** Sheet 5.1: so many of each are looked at for an answer. */
const newest: Readonly<Record<MemoryKind | "episode", number>> = { episode: 30, summary: 30, fact: 50, procedure: 20 };

/** Sheet 5.1: a semantic provider adds so many. */
const nearest = 100;

export interface CandidateRow {
  readonly memory: Memory;
  /** Undefined: not among the nearest. */
  readonly nearness: number | undefined;
}

/**
 * The memories that are looked at for a question. `memories` are the active ones in an order that stands for chance: those of one age are
 * taken as they come, because which of them a server takes is not defined.
 */
export function candidateMemories(
  memories: readonly Memory[],
  question: string,
  nearnessOf: Nearness | undefined,
): readonly CandidateRow[] {
  const near = nearnessOf === undefined ? new Map<Memory, number>() : nearestOf(memories, question, nearnessOf);
  const byAge = memories.toSorted((a, b) => b.ageMs - a.ageMs);
  return (["fact", "procedure", "summary"] as const).flatMap((kind) => {
    const ofKind = byAge.filter((memory) => memory.kind === kind);
    const recent = ofKind.slice(0, newest[kind]);
    const added = [...near.keys()].filter((memory) => memory.kind === kind && !recent.includes(memory));
    return [...recent, ...added].map((memory) => ({ memory, nearness: near.get(memory) }));
  });
}

function nearestOf(memories: readonly Memory[], question: string, nearnessOf: Nearness): ReadonlyMap<Memory, number> {
  const measured = memories.map((memory) => [memory, nearnessOf(question, memory.text)] as const);
  return new Map(measured.toSorted(([, a], [, b]) => b - a).slice(0, nearest));
}

/** Sheet 5.1: the newest 30 episodes by `occurred_at`. */
export function newestEpisodes(episodes: readonly HeldEpisode[]): readonly HeldEpisode[] {
  return episodes.toSorted((a, b) => Date.parse(b.occurred_at) - Date.parse(a.occurred_at)).slice(0, newest.episode);
}
