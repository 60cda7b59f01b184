/** What identifies a row in the unique index: tenant, subject and key. */
export type RowLock = string;

/**
 * The transactions that are under way, by the rows they insert, in the order of their statements. Each insert locks its row until the
 * commit, so two transactions that share two rows in opposite orders wait for each other: Postgres ends one of them.
 */
export class OpenBatches {
  readonly #open = new Set<ReadonlyMap<RowLock, number>>();

  /** A transaction begins; `end` is called at its commit or rollback. `deadlocked`: it is the one that Postgres ends. */
  begin(locks: readonly RowLock[]): { readonly deadlocked: boolean; readonly end: () => void } {
    // Within one transaction the first insert of a row is the one that locks.
    const places = new Map<RowLock, number>();
    for (const lock of locks) if (!places.has(lock)) places.set(lock, places.size);
    const deadlocked = [...this.#open].some((other) => isCrossed(places, other));
    if (deadlocked) return { deadlocked, end: () => undefined };
    this.#open.add(places);
    return { deadlocked, end: () => void this.#open.delete(places) };
  }
}

/** Whether the shared rows come in different orders. */
function isCrossed(mine: ReadonlyMap<RowLock, number>, other: ReadonlyMap<RowLock, number>): boolean {
  let last = -1;
  for (const lock of mine.keys()) {
    const place = other.get(lock);
    if (place === undefined) continue;
    if (place < last) return true;
    last = place;
  }
  return false;
}
