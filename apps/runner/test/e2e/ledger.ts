import type { FakeStatewave } from "@statewave-connectors/testing";

const markerPattern = /mark:[a-z]+-\d+/g;

export interface Declared {
  /** Markers that must have arrived. */
  readonly owed: Iterable<string>;
  /** Markers that may have arrived: sent, but never acknowledged. */
  readonly possible?: Iterable<string>;
  /** Markers that lie in the dead-letter list. */
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

/** Compares what was declared with what Statewave holds and what was buried: each marker must be found exactly once. */
export function reconcile(statewave: Pick<FakeStatewave, "episodes">, declared: Declared): Reconciliation {
  const counts = new Map<string, number>();
  const count = (marker: string) => counts.set(marker, (counts.get(marker) ?? 0) + 1);
  for (const episode of statewave.episodes) for (const marker of markersOf(episode.payload)) count(marker);
  for (const marker of declared.buried ?? []) count(marker);
  const owed = new Set(declared.owed);
  const known = new Set([...owed, ...(declared.possible ?? [])]);
  return {
    missing: [...owed].filter((marker) => !counts.has(marker)),
    repeated: [...counts].flatMap(([marker, times]) => (times > 1 ? [marker] : [])),
    unexpected: [...counts.keys()].filter((marker) => !known.has(marker)),
  };
}

/** The markers in anything that can be written as JSON, each once. */
export function markersOf(value: unknown): readonly string[] {
  return [...new Set(JSON.stringify(value).match(markerPattern))];
}
