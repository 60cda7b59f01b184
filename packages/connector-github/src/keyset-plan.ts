import { fromIso, type Instant, toIso } from "./instant.ts";
import { isSeen, keepSeen, type Seen } from "./seen.ts";

/** Where a key-set walk over a list sorted by `updated_at` stands. */
export interface KeysetState {
  /** Rows updated at or after this are asked for; absent: all. */
  readonly since?: Instant | undefined;
  /** Rows at or after `since` that were yielded already. */
  readonly seen: Seen;
  /** Of the answer to `since` when nothing was left and the page had room: sent along, it makes an idle tick a 304. */
  readonly etag?: string | undefined;
  /** The next page of the same `since`, where asking from a later `since` would not get further. */
  readonly next?: string | undefined;
  /** The pages of this `since` are read a second time. */
  readonly again?: boolean | undefined;
}

/** What the planning needs to know of one page. */
export interface KeysetPage {
  readonly rows: readonly { readonly id: number; readonly updated_at: string }[];
  /** Rows of the page, malformed ones too. */
  readonly count: number;
  /** Rows that were asked for. */
  readonly size: number;
  readonly next: string | undefined;
  readonly etag: string | undefined;
  /** GitHub's clock. */
  readonly dateMs: number;
}

/** A row may become visible so long after the `updated_at` it carries (replicas, long transactions) and is still found. */
export const overlapMs = 120_000;

/** Within its own second, give or take a little between two clocks of GitHub's, a row may change again under the same `updated_at`. */
const openMs = 2_000;

/** The rows of a page that were not yielded before. */
export function freshRows<Row extends { readonly id: number; readonly updated_at: string }>(
  state: KeysetState,
  rows: readonly Row[],
): readonly Row[] {
  return rows.filter((row) => !isSeen(state.seen, row.updated_at, row.id));
}

/**
 * What to ask for after a page, and whether there is more to ask now.
 *
 * A list sorted by update time moves under the reader: a row that is touched leaves its place, the rows behind it move up, and
 * whoever turns numbered pages steps over one of them. So pages are not turned. The next request asks anew for what was updated
 * since the last row of this one, and rows seen before are dropped by identity (not those of the last two seconds: they may change again
 * under the same time, so they come twice rather than never). `since` moves
 * - to one second before the last row, because GitHub has called `since` both "after" and "at or after", and many rows share a second;
 * - never past two minutes before GitHub's own clock, for rows that become visible late;
 * - only when a page was full: otherwise the same request stays, answers 304 while nothing happens, and costs nothing.
 *
 * Where `since` cannot move because one window holds more than a page, the Link header is followed through that window. If those links
 * are numbered (`page=3`), the window is read a second time before it is left: a row may have been stepped over.
 */
export function planNext(state: KeysetState, page: KeysetPage): { readonly state: KeysetState; readonly more: boolean } {
  const target = targetMs(state, page);
  const closed = page.rows.filter((row) => fromIso(row.updated_at) < page.dateMs - openMs);
  const seen = keepSeen(state.seen, closed, state.since);
  if (target === undefined || target <= (state.since === undefined ? -Infinity : fromIso(state.since))) {
    const { since, again } = state;
    if (page.next !== undefined) return { state: { since, seen, next: page.next, again }, more: true };
    // A page without room left would look the same when more is added behind it, so its ETag proves nothing.
    const proves = state.next === undefined && page.count < page.size;
    return { state: { since, seen, etag: proves ? page.etag : undefined }, more: false };
  }
  if (isNumbered(state.next) && state.again !== true) return { state: { since: state.since, seen, again: true }, more: true };
  const since = toIso(target);
  return { state: { since, seen: keepSeen(seen, [], since) }, more: true };
}

/** Where `since` could move to; undefined: it has no reason to. */
function targetMs(state: KeysetState, page: KeysetPage): number | undefined {
  const settledMs = page.dateMs - overlapMs;
  const last = page.rows.at(-1);
  const lastMs = last === undefined ? undefined : fromIso(last.updated_at);
  if (page.next !== undefined) return lastMs === undefined ? undefined : Math.min(lastMs - 1_000, settledMs);
  const hadRoom = state.next === undefined && page.count < page.size;
  // Everything up to the settled moment is read: asking from there leaves a page with room, which can answer 304.
  return !hadRoom && lastMs !== undefined && lastMs <= settledMs ? settledMs : undefined;
}

function isNumbered(link: string | undefined): boolean {
  if (link === undefined) return false;
  const query = URL.parse(link)?.searchParams;
  return query?.has("page") === true && !query.has("after");
}
