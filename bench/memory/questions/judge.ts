import {
  assembleContext,
  compileEpisodes,
  type Memory,
  type Nearness,
  newestEpisodes,
  renderMemory,
  type HeldEpisode,
  superseded,
  textOf,
} from "@statewave-connectors/testing/memory-rules";
import { countTokens } from "../tokens.ts";
import type { Question } from "./question-set.ts";
import { seededRandom, shuffled } from "./seeded.ts";

/** Why an answer is not in a context; the step that came nearest to it. */
export type MissReason = "out of budget" | "not a candidate" | "superseded" | "cut" | "not delivered";

export interface Outcome {
  readonly question: Question;
  /** In which part of the draws the answer was in the context, from 0 to 1. */
  readonly found: number;
  /** Where it was missing: the most frequent reason. */
  readonly reason: MissReason | undefined;
}

/** What a server holds of one subject after one compile call. */
export interface HeldMemory {
  readonly episodes: readonly HeldEpisode[];
  readonly active: readonly Memory[];
  readonly retired: ReadonlySet<Memory>;
}

/** Stores and compiles episodes of one subject. */
export function hold(episodes: readonly HeldEpisode[], compiledAtMs: number): HeldMemory {
  const memories = compileEpisodes(episodes, { atMs: compiledAtMs });
  const retired = superseded(memories);
  return { episodes, active: memories.filter((memory) => !retired.has(memory)), retired };
}

export interface JudgeOptions {
  /** Tokens. */
  readonly budget: number;
  /** Undefined: stub embeddings. */
  readonly nearness: Nearness | undefined;
  /**
   * Memories of one compile call have one age, so that which 30 are looked at is chance: each question is put so often, to other draws.
   * Default 40.
   */
  readonly draws?: number;
}

/** Puts questions to a server. */
export function judge(held: HeldMemory, questions: readonly Question[], options: JudgeOptions): readonly Outcome[] {
  const { draws = 40 } = options;
  const newest = newestEpisodes(held.episodes);
  const drawn = Array.from({ length: draws }, (_, draw) => shuffled(held.active, seededRandom(draw)));
  return questions.map((question) => {
    const reasons = drawn.map((active) => {
      const { lines, leftOut } = assembleContext({ newest, active }, { ...options, question: question.ask, countTokens });
      return holds(lines, question) ? undefined : missReason(question, leftOut, held);
    });
    const misses = reasons.filter((reason) => reason !== undefined);
    return { question, found: 1 - misses.length / draws, reason: mostFrequent(misses) };
  });
}

/** Points of a question set: a question that depends on chance gives a part of one. */
export function scoreOf(outcomes: readonly Outcome[]): number {
  return outcomes.reduce((sum, { found }) => sum + found, 0);
}

function missReason(question: Question, leftOut: readonly string[], { episodes, active, retired }: HeldMemory): MissReason {
  const isShownBy = (memory: Memory) => holds([renderMemory(memory)], question);
  if (holds(leftOut, question)) return "out of budget";
  if (active.some((memory) => isShownBy(memory))) return "not a candidate";
  if ([...retired].some((memory) => isShownBy(memory))) return "superseded";
  return episodes.some((episode) => holds([textOf(episode)], question)) ? "cut" : "not delivered";
}

/** Whether one of the texts is an answer. */
export function holds(texts: readonly string[], { answer }: Question): boolean {
  const wanted = answer.map((spelling) => folded(spelling));
  return texts.some((text) => {
    const shown = folded(text);
    return wanted.some((spelling) => shown.includes(spelling));
  });
}

const remembered = new Map<string, string>();

/** Literal but for case, spaces and composed letters. */
function folded(text: string): string {
  const known = remembered.get(text) ?? text.normalize("NFC").toLowerCase().replaceAll(/\s+/g, " ");
  remembered.set(text, known);
  return known;
}

function mostFrequent(reasons: readonly MissReason[]): MissReason | undefined {
  const counts = Map.groupBy(reasons, (reason) => reason);
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0];
}
