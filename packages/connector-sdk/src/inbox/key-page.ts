import type { SourceKey } from "../contract/source.ts";
import type { ItemQuery } from "./inbox.ts";

/** A page of dead letters or of queued items as an engine reads it. Keys are numbers that are given out once, in order. */
export interface KeyPage {
  readonly source: SourceKey | undefined;
  /** Only what has a greater key. */
  readonly after: number;
  readonly limit: number;
}

const defaultLimit = 100;
const greatestLimit = 1_000;
/** Items moved at a time: each can be large, and webhooks wait meanwhile. */
const keysPerStep = 50;

/** What a query means, within its bounds. An `after` that is not a key yields an empty page. */
export function toKeyPage({ source, limit = defaultLimit, after }: ItemQuery): KeyPage {
  return {
    source,
    after: after === undefined ? 0 : (parseKey(after) ?? Number.MAX_SAFE_INTEGER),
    limit: Math.max(0, Math.min(greatestLimit, Math.floor(limit))),
  };
}

/** The number that a key is; undefined for what was never one. */
export function parseKey(key: string): number | undefined {
  const number = Number(key);
  return number > 0 && Number.isSafeInteger(number) && String(number) === key ? number : undefined;
}

/** The keys that can be keys at all, in steps. */
export function* keySteps(keys: readonly string[]): Generator<readonly number[]> {
  const numbers = keys.map(parseKey).filter((key) => key !== undefined);
  for (let start = 0; start < numbers.length; start += keysPerStep) yield numbers.slice(start, start + keysPerStep);
}
