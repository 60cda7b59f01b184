import { fromInstant, type Instant } from "./instant.ts";

/** What identifies a row within its list. */
export type RowId = number | string;

/** A row's id, and when it changed last. */
export interface RowStamp<Id extends RowId = RowId> {
  readonly id: Id;
  readonly at: Instant;
}

/** Which rows were yielded already: their ids by the time of the change that they had. A row that changes is a new one. */
export type Seen<Id extends RowId = RowId> = Readonly<Record<Instant, readonly Id[]>>;

/**
 * The most ids that are remembered. Forgetting one costs a repeated episode, which its key absorbs; remembering all would let an import of
 * a hundred thousand rows within one second swell every checkpoint.
 */
const maxSeen = 2_000;

/** Whether the row was yielded in this very version. */
export function isSeen<Id extends RowId>(seen: Seen<Id>, { at, id }: RowStamp<Id>): boolean {
  return Object.hasOwn(seen, at) && (seen[at]?.includes(id) ?? false);
}

/** `seen` with the rows added, without what lies before `since`: it is not requested again. The oldest go first when it grows too large. */
export function keepSeen<Id extends RowId>(seen: Seen<Id>, rows: readonly RowStamp<Id>[], since: Instant | undefined): Seen<Id> {
  const fromMs = since === undefined ? -Infinity : fromInstant(since);
  const ids = new Map<Instant, Set<Id>>();
  const add = (at: Instant, id: Id) => {
    if (fromInstant(at) >= fromMs) ids.set(at, (ids.get(at) ?? new Set()).add(id));
  };
  for (const [at, known] of Object.entries(seen)) for (const id of known) add(at, id);
  for (const { at, id } of rows) add(at, id);

  const kept: Record<Instant, readonly Id[]> = {};
  let room = maxSeen;
  for (const [at, set] of [...ids].toSorted(([a], [b]) => fromInstant(b) - fromInstant(a))) {
    if (room <= 0) break;
    kept[at] = [...set].slice(-room);
    room -= set.size;
  }
  return kept;
}
