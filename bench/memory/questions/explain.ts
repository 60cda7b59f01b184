import { assembleContext, newestEpisodes, renderMemory, textOf } from "@statewave-connectors/testing/memory-rules";
import { countTokens } from "../tokens.ts";
import { type HeldMemory, holds, type JudgeOptions } from "./judge.ts";
import type { Question } from "./question-set.ts";
import { seededRandom, shuffled } from "./seeded.ts";

/** More is not needed to recognise a line. */
const shownLength = 200;

/** Why a question was missed: what the server would show of the text that holds the answer, and what it showed instead in the first draw that missed it. */
export function explainMiss(question: Question, held: HeldMemory, options: JudgeOptions): string {
  const { draws = 40 } = options;
  const newest = newestEpisodes(held.episodes);
  for (let draw = 0; draw < draws; draw += 1) {
    const active = shuffled(held.active, seededRandom(draw));
    const { lines } = assembleContext({ newest, active }, { ...options, question: question.ask, countTokens });
    if (holds(lines, question)) continue;
    const holding = held.active.filter(({ episode }) => holds([textOf(episode)], question)).map((memory) => renderMemory(memory));
    const kept = holding.map((line) => `  ${holds([line], question) ? "has it" : "lost it"}: ${line}`);
    const shown = lines.map((line) => `  shown: ${line.slice(0, shownLength)}`);
    return [`${question.ask} (${question.answer.join(" / ")})`, ...kept, ...shown].join("\n");
  }
  return "";
}
