import { fromInstant, type Instant, toInstant } from "@statewave-connectors/connector-sdk/paging";
import type { KeysetState } from "@statewave-connectors/connector-sdk/paging";
import { overlapMs } from "./list-walk.ts";

/** An item of which a list shows that something was done to it, but not what: GraphQL is asked for that. */
export interface Changed {
  /** GraphQL's id; REST calls it `node_id`. */
  readonly id: string;
  /** What was done before was told. Absent: the first sync reads the item's last words, and tells no edit of them. */
  readonly since?: Instant | undefined;
  /** Closings and reopenings are told from the item's beginning. */
  readonly all?: boolean | undefined;
  /** The update that was seen: an answer older than it is a replica's that does not know it yet. */
  readonly updated: Instant;
}

/** What the queue needs to know of a row. */
export interface ListedRow {
  readonly id: number;
  readonly node_id?: string | undefined;
  readonly created_at: Instant;
  readonly updated_at: Instant;
  readonly state?: string | undefined;
  readonly state_reason?: string | null | undefined;
}

/** GitHub allows 100 ids in one question. */
export const batchSize = 100;

/**
 * Two times that GitHub gives to one deed lie so far apart at most. The event of a closing is recorded behind the row it changes, mostly
 * within the same second: 15 of the 16 that are recorded in the tests of PyGithub and octokit.rb are, one is a second later.
 */
export const sameDeedMs = 2_000;

/**
 * The rows of a page to ask about. `before` is where the walk stood when it asked for them, `begun` when it asked for the first time.
 *
 * - A row seen before: what was done after the version that was seen.
 * - A row that was not touched since the first sync began: only how it was reopened, which an open issue's `state_reason` proves. Its
 *   edits are in its text.
 * - Any other row: what was done since the part of the list that is still watched, or since the first sync, begins.
 *
 * Telling something twice is better than never, so the bounds lie early: its key absorbs it.
 */
export function changedRows(
  rows: readonly ListedRow[],
  before: Pick<KeysetState<number>, "since" | "seen">,
  begun: Instant,
): readonly Changed[] {
  const seen = new Map<number, number>();
  for (const [updatedAt, ids] of Object.entries(before.seen))
    for (const id of ids) seen.set(id, Math.max(seen.get(id) ?? 0, fromInstant(updatedAt)));
  const begunMs = fromInstant(begun);
  const sinceMs = before.since === undefined ? -Infinity : fromInstant(before.since);
  const watchedMs = Math.max(begunMs, sinceMs) - overlapMs;

  return rows.flatMap((row): readonly Changed[] => {
    const { node_id: id, updated_at: updated } = row;
    if (id === undefined) return [];
    const seenMs = seen.get(row.id);
    const all = seenMs === undefined && sinceMs < begunMs && row.state === "open" && row.state_reason === "reopened";
    const isTouched = fromInstant(updated) > fromInstant(row.created_at) && fromInstant(updated) >= watchedMs;
    if (!isTouched) return all ? [{ id, all, updated }] : [];
    const since = toInstant(seenMs === undefined ? watchedMs : seenMs + sameDeedMs);
    return [{ id, since, updated, ...(all ? { all } : {}) }];
  });
}

/** The queue with more behind it, each item once. */
export function enqueue(queue: readonly Changed[], changed: readonly Changed[]): readonly Changed[] {
  const byId = new Map(queue.map((entry) => [entry.id, entry]));
  for (const entry of changed) {
    const waiting = byId.get(entry.id);
    byId.set(entry.id, waiting === undefined ? entry : { ...waiting, updated: entry.updated });
  }
  return [...byId.values()];
}

/** Whether an answer does not show yet what a list has shown. After two minutes it is not a replica's delay any more. */
export function isBehind(entry: Changed, answeredUpdate: Instant | undefined, answeredMs: number): boolean {
  if (answeredMs - fromInstant(entry.updated) >= overlapMs) return false;
  return answeredUpdate === undefined || fromInstant(answeredUpdate) < fromInstant(entry.updated);
}
