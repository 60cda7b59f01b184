import { fromInstant, type Instant, toInstant } from "@statewave-connectors/connector-sdk/paging";
import type { KeysetState } from "@statewave-connectors/connector-sdk/paging";
import { overlapMs } from "./list-walk.ts";

/** An item that changed, as a list shows; GraphQL shows how. */
export interface Changed {
  /** GraphQL's id; REST calls it `node_id`. */
  readonly id: string;
  /** Earlier changes were yielded. Absent: the first sync reads the item's last version, and yields no edit of it. */
  readonly since?: Instant | undefined;
  /** Closings and reopenings are yielded from the item's beginning. */
  readonly all?: boolean | undefined;
  /** The update that the list showed: an older answer comes from a replica that lags behind. */
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

/** GitHub allows 100 ids in one query. */
export const batchSize = 100;

/**
 * Two times that GitHub gives to one change differ by this much at most. The event of a closing is recorded behind the row it changes, mostly
 * within the same second: 15 of the 16 that are recorded in the tests of PyGithub and octokit.rb are, one is a second later.
 */
export const sameDeedMs = 2_000;

/**
 * The rows of a page to query. `before` is the state of the walk when it requested them, `begun` the time of its first request.
 *
 * - A row seen before: its changes after the version that was seen.
 * - A row that is unchanged since the first sync began: only its reopening, which an open issue's `state_reason` proves. Its edits are in
 *   its text.
 * - Any other row: its changes since the start of the part of the list that is still watched, or since the first sync.
 *
 * The bounds are early: an episode that is yielded twice has the same key, one that is never yielded is lost.
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

/** Whether an answer is older than the list. After two minutes the delay of a replica is no longer the cause. */
export function isBehind(entry: Changed, answeredUpdate: Instant | undefined, answeredMs: number): boolean {
  if (answeredMs - fromInstant(entry.updated) >= overlapMs) return false;
  return answeredUpdate === undefined || fromInstant(answeredUpdate) < fromInstant(entry.updated);
}
