import { fromIso, type Instant } from "./instant.ts";

/** Which rows were yielded already: their ids by the `updated_at` they had. A row that changes is a new one. */
export type Seen = Readonly<Record<Instant, readonly number[]>>;

/**
 * The most ids that are remembered. Forgetting one costs a repeated episode, which its key absorbs; remembering all would let an import of
 * a hundred thousand rows within one second swell every checkpoint.
 */
const maxSeen = 2_000;

/** Whether the row was yielded in this very version. */
export function isSeen(seen: Seen, updatedAt: Instant, id: number): boolean {
  return Object.hasOwn(seen, updatedAt) && seen[updatedAt]!.includes(id);
}

/** `seen` with the rows added, without what lies before `since`: it is not asked for again. The oldest go first when it grows too large. */
export function keepSeen(
  seen: Seen,
  rows: readonly { readonly id: number; readonly updated_at: Instant }[],
  since: Instant | undefined,
): Seen {
  const fromMs = since === undefined ? -Infinity : fromIso(since);
  const ids = new Map<Instant, Set<number>>();
  const add = (updatedAt: Instant, id: number) => {
    if (fromIso(updatedAt) >= fromMs) ids.set(updatedAt, (ids.get(updatedAt) ?? new Set()).add(id));
  };
  for (const [updatedAt, known] of Object.entries(seen)) for (const id of known) add(updatedAt, id);
  for (const row of rows) add(row.updated_at, row.id);

  const kept: Record<Instant, readonly number[]> = {};
  let room = maxSeen;
  for (const [updatedAt, set] of [...ids].toSorted(([a], [b]) => fromIso(b) - fromIso(a))) {
    if (room <= 0) break;
    kept[updatedAt] = [...set].slice(-room);
    room -= set.size;
  }
  return kept;
}
