import type { PreparedEpisode, SerialisedEpisode } from "../sinks/wire/prepared-episode.ts";

/**
 * Valid episodes in the order of subject and idempotency key as the server sees them. A batch is one transaction there that locks each
 * key at its turn: two batches that share keys in different orders deadlock, and one of them is answered 500.
 */
export function inLockOrder<Item extends PreparedEpisode>(items: readonly Item[]): readonly Item[] {
  // Compared by code units, which every process does alike.
  return items.toSorted(({ wire: left }, { wire: right }) => compareRows(left, right));
}

function compareRows(left: SerialisedEpisode, right: SerialisedEpisode): number {
  return compare(left.subject, right.subject) || compare(left.key, right.key);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
