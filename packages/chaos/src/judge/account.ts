export interface Declared {
  /** Markers that must have arrived. */
  readonly owed: Iterable<string>;
  /** Markers that may have arrived: sent, but never acknowledged. */
  readonly possible?: Iterable<string>;
  /** Markers that are in the dead-letter list. */
  readonly buried?: Iterable<string>;
}

export interface Reconciliation {
  /** Owed, and neither stored nor buried. */
  readonly missing: readonly string[];
  /** Stored more than once, or stored and buried. */
  readonly repeated: readonly string[];
  /** Stored, but never declared. */
  readonly unexpected: readonly string[];
}

/** What "nothing is lost, nothing is doubled" looks like. */
export const balanced: Reconciliation = { missing: [], repeated: [], unexpected: [] };

/** Compares what was declared with the markers that are stored, one for each row, and with what was buried: each must be found once. */
export function reconcile(stored: Iterable<string>, declared: Declared): Reconciliation {
  const counts = new Map<string, number>();
  const count = (marker: string) => counts.set(marker, (counts.get(marker) ?? 0) + 1);
  for (const marker of stored) count(marker);
  for (const marker of declared.buried ?? []) count(marker);
  const owed = new Set(declared.owed);
  const known = new Set([...owed, ...(declared.possible ?? [])]);
  return {
    missing: [...owed].filter((marker) => !counts.has(marker)),
    repeated: [...counts].flatMap(([marker, times]) => (times > 1 ? [marker] : [])),
    unexpected: [...counts.keys()].filter((marker) => !known.has(marker)),
  };
}
