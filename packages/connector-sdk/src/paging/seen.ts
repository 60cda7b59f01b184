import { createHash } from "node:crypto";
import { fromInstant, type Instant, untimedMark } from "./instant.ts";

/** What identifies a row within its list. */
export type RowId = number | string;

/** A row's id, and when it changed last. */
export interface RowStamp<Id extends RowId = RowId> {
  readonly id: Id;
  readonly at: Instant;
}

const untimedPattern = /^\?[0-9a-f]{32}$/;

/**
 * The stamp of a row. A row whose time or whose id, an empty text, cannot be read is known by its content instead: it is yielded once, and
 * again when it changes.
 */
export function readStamp<Row, Id extends RowId>(row: Row, stampOf: (row: Row) => RowStamp<Id>): RowStamp<Id> {
  const stamp = stampOf(row);
  const [isNamed, isTimed] = [stamp.id !== "", isInstant(stamp.at)];
  if (isNamed && isTimed) return stamp;
  const digest = createHash("sha256").update(JSON.stringify(row)).digest("hex").slice(0, 32);
  // Only a text can be empty.
  const id = isNamed ? stamp.id : (digest as Id);
  return { id, at: isTimed ? stamp.at : `${untimedMark}${digest}` };
}

/** Whether a stamp has an id, which may be an empty text. A row comes from a provider, and may lack whatever its type says. */
export function hasId({ id }: RowStamp): boolean {
  const given: unknown = id;
  return typeof given === "string" || (typeof given === "number" && Number.isFinite(given));
}

function isInstant(at: unknown): boolean {
  return typeof at === "string" && Number.isFinite(fromInstant(at));
}

/** Whether a key of `Seen` is a time, or the version of a row without one. */
export function isSeenKey(at: string): boolean {
  return untimedPattern.test(at) || Number.isFinite(fromInstant(at));
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
    if (at.startsWith(untimedMark) || fromInstant(at) >= fromMs) ids.set(at, (ids.get(at) ?? new Set()).add(id));
  };
  for (const [at, known] of Object.entries(seen)) for (const id of known) add(at, id);
  for (const { at, id } of rows) add(at, id);

  const kept: Record<Instant, readonly Id[]> = {};
  let room = maxSeen;
  for (const [at, set] of [...ids].toSorted(([a], [b]) => ageOrder(b) - ageOrder(a))) {
    if (room <= 0) break;
    kept[at] = [...set].slice(-room);
    room -= set.size;
  }
  return kept;
}

/** Rows without a time are the first to be forgotten. */
function ageOrder(at: Instant): number {
  return at.startsWith(untimedMark) ? 0 : fromInstant(at);
}
