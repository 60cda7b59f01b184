/** What waits in a source's queue: the sizes of its next items, in their order, no more than the source has room for. */
export interface ReadySource {
  readonly source: string;
  readonly sizes: readonly number[];
}

export interface ClaimPlan {
  /** How many items to fetch, by source. */
  readonly counts: ReadonlyMap<string, number>;
  /** Whose turn is next. */
  readonly next: string | undefined;
}

/**
 * Shares the bytes that are left out among the sources, an item to each in turn, beginning with `first`. An item that no longer fits ends
 * the round, and the next one begins with it: passed over for smaller ones, a large item would wait for ever.
 */
export function planClaims(
  ready: readonly ReadySource[],
  {
    claimedItems,
    roomBytes,
    first,
  }: { readonly claimedItems: number; readonly roomBytes: number; readonly first: string | undefined },
): ClaimPlan {
  const counts = new Map<string, number>();
  const queues = inTurn(ready, first).map(({ source, sizes }) => ({ source, sizes, taken: 0 }));
  let leftBytes = roomBytes;
  let isIdle = claimedItems === 0;
  for (let open = queues; open.length > 0; open = open.filter(({ sizes, taken }) => taken < sizes.length)) {
    for (const queue of open) {
      const size = queue.sizes[queue.taken];
      if (size === undefined) continue;
      // A single item larger than the limit still goes, alone.
      if (size > leftBytes && !isIdle) return { counts, next: queue.source };
      leftBytes -= size;
      isIdle = false;
      queue.taken += 1;
      counts.set(queue.source, queue.taken);
    }
  }
  return { counts, next: undefined };
}

function inTurn(ready: readonly ReadySource[], first: string | undefined): readonly ReadySource[] {
  const at = Math.max(
    0,
    ready.findIndex(({ source }) => source === first),
  );
  return [...ready.slice(at), ...ready.slice(0, at)];
}
