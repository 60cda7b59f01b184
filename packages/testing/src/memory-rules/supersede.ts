import type { Memory } from "./held-episode.ts";
import { overlapOf, wordsOf } from "./words.ts";

/** Sheet 5.1: 80 % of the words, for facts 60 %. */
const threshold = (kind: Memory["kind"]) => (kind === "fact" ? 0.6 : 0.8);

/**
 * Which memories a newer one of the same kind retires. Newer is the later compile, then the later time (read: `conflicts.py`), then, where
 * the server draws lots, what was delivered later.
 */
export function superseded(memories: readonly Memory[]): ReadonlySet<Memory> {
  const inOrder = memories
    .map((memory, delivered) => ({ memory, delivered, words: wordsOf(memory.text) }))
    .toSorted((a, b) => a.memory.ageMs - b.memory.ageMs || a.memory.timeMs - b.memory.timeMs || a.delivered - b.delivered);
  const retired = new Set<Memory>();
  for (const [at, { memory, words }] of inOrder.entries()) {
    const successor = inOrder
      .slice(at + 1)
      .find((later) => later.memory.kind === memory.kind && isOverlap(words, later.words, threshold(memory.kind)));
    if (successor !== undefined) retired.add(memory);
  }
  return retired;
}

function isOverlap(left: ReadonlySet<string>, right: ReadonlySet<string>, least: number): boolean {
  // Sets of very different size cannot share enough, and most pairs are such.
  const couldBe = Math.min(left.size, right.size) >= least * Math.max(left.size, right.size);
  return couldBe && overlapOf(left, right) >= least;
}
