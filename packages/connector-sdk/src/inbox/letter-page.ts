import type { SourceKey } from "../contract/source.ts";
import type { DeadLetterQuery } from "./inbox.ts";

/** A page of dead letters as an engine reads it. Keys are numbers that are given out once, in the order of burial. */
export interface LetterPage {
  readonly source: SourceKey | undefined;
  /** Only letters with a greater key. */
  readonly after: number;
  readonly limit: number;
}

const defaultLimit = 100;
const greatestLimit = 1_000;
/** Letters moved at a time: each can be large, and webhooks wait meanwhile. */
const lettersPerStep = 50;

/** What a query means, within its bounds. Behind what was never a key there is nothing. */
export function toLetterPage({ source, limit = defaultLimit, after }: DeadLetterQuery): LetterPage {
  return {
    source,
    after: after === undefined ? 0 : (parseLetterKey(after) ?? Number.MAX_SAFE_INTEGER),
    limit: Math.max(0, Math.min(greatestLimit, Math.floor(limit))),
  };
}

/** The number that a key is; undefined for what was never one. */
export function parseLetterKey(key: string): number | undefined {
  const number = Number(key);
  return number > 0 && Number.isSafeInteger(number) && String(number) === key ? number : undefined;
}

/** The keys that can be keys at all, in steps. */
export function* letterSteps(keys: readonly string[]): Generator<readonly number[]> {
  const numbers = keys.map(parseLetterKey).filter((key) => key !== undefined);
  for (let start = 0; start < numbers.length; start += lettersPerStep) yield numbers.slice(start, start + lettersPerStep);
}
