import type { CandidateRow } from "./candidates.ts";
import { renderEpisode, renderMemory } from "./render.ts";
import { type HeldEpisode, type Memory, type MemoryKind, textOf } from "./held-episode.ts";
import { countShared, wordsOf } from "./words.ts";

// The points are read from `services/context.py`; the sheet (5.1) gives those of title and breadcrumb, and that some 20 are possible.
const kindPoints: Readonly<Record<MemoryKind | "episode", number>> = { fact: 10, procedure: 8, summary: 5, episode: 3 };
const recencyPoints = 5;
const sharedWordPoints = 5;
const nearnessPoints = 8;
const breadcrumbPoints = 3;
/** Nothing here expires, so every memory has them. */
const validPoints = 3;
const urgentPoints = 2;
const chatterPoints = -2;
const chatterLength = 20;

const urgentWords =
  "urgent critical blocked deadline asap emergency breaking outage downtime compliance sla escalat immediately p0 p1 severity".split(
    " ",
  );

const plainWords = new Set(
  "statewave documentation guide overview the a an of for to on in with is are be use using how what why which when where do does i my we & > › -".split(
    " ",
  ),
);

/** Something that may go into a context. */
export interface RankedLine {
  readonly line: string;
  readonly score: number;
  readonly episode: HeldEpisode;
  /** Undefined: the episode itself. */
  readonly memory: Memory | undefined;
}

/** Scores the candidates for a question, best first; equal ones stay in their order. */
export function rankLines(
  question: string,
  memories: readonly CandidateRow[],
  episodes: readonly HeldEpisode[],
): readonly RankedLine[] {
  const asked = wordsOf(question);
  const memoryRecency = recencyOver(memories.map(({ memory }) => memory.ageMs));
  const episodeRecency = recencyOver(episodes.map(({ occurred_at: at }) => Date.parse(at)));
  const ofMemories = memories.map(({ memory, nearness }) => ({
    line: renderMemory(memory),
    episode: memory.episode,
    memory,
    score:
      kindPoints[memory.kind] +
      memoryRecency(memory.ageMs) +
      (nearness === undefined ? sharedWords(memory.text, asked) : nearness * nearnessPoints) +
      validPoints +
      breadcrumbScore(memory.episode, asked),
  }));
  const ofEpisodes = episodes.map((episode) => ({
    line: renderEpisode(episode),
    episode,
    memory: undefined,
    score:
      kindPoints.episode +
      episodeRecency(Date.parse(episode.occurred_at)) +
      sharedWords(textOf(episode), asked) +
      moodOf(textOf(episode)),
  }));
  return [...ofMemories, ...ofEpisodes].toSorted((a, b) => b.score - a.score);
}

/** The newest has all points, the oldest none; where all are of one age, each has all. */
function recencyOver(times: readonly number[]): (time: number) => number {
  const oldest = Math.min(...times);
  const span = Math.max(...times) - oldest;
  return (time) => (span === 0 ? recencyPoints : (recencyPoints * (time - oldest)) / span);
}

/** Which part of the question's words the text has. */
function sharedWords(text: string, asked: ReadonlySet<string>): number {
  return asked.size === 0 ? 0 : (sharedWordPoints * countShared(asked, wordsOf(text))) / asked.size;
}

/** Sheet 5.1: title and breadcrumb add up to 3 points. The share of the shorter one's words; the title counts where there is no breadcrumb. */
export function breadcrumbScore({ payload }: HeldEpisode, asked: ReadonlySet<string>): number {
  const { breadcrumb, title } = payload;
  const text = typeof breadcrumb === "string" && breadcrumb !== "" ? breadcrumb : title;
  if (typeof text !== "string") return 0;
  const words = meaningful(wordsOf(text.replaceAll(/[›>]/g, " ")));
  const wanted = meaningful(asked);
  const smaller = Math.min(words.size, wanted.size);
  return smaller === 0 ? 0 : (breadcrumbPoints * countShared(wanted, words)) / smaller;
}

function meaningful(words: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...words].filter((word) => !plainWords.has(word)));
}

function moodOf(text: string): number {
  const lower = text.toLowerCase();
  const urgent = urgentWords.some((word) => lower.includes(word)) ? urgentPoints : 0;
  return urgent + (text !== "" && text.trim().length < chatterLength ? chatterPoints : 0);
}
