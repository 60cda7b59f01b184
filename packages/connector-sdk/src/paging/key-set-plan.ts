import { fromInstant, type GrainMs, type Instant, toInstant } from "./instant.ts";
import { addToSum, type FinishedPass, type PassPage, type WindowPass } from "./key-set-pass.ts";
import { isSeen, keepSeen, type RowId, type RowStamp, type Seen } from "./seen.ts";

/** Where a key-set walk over a list sorted by the time of the last change stands. JSON, for a cursor. */
export interface KeysetState<Id extends RowId = RowId> {
  /** Rows changed at or after this are requested; absent: all. */
  readonly since?: Instant | undefined;
  /** Rows at or after `since` that were yielded already. */
  readonly seen: Seen<Id>;
  /** Of the answer to `since` when nothing was left and the page had room: sent along, it makes an idle run a 304. */
  readonly etag?: string | undefined;
  /** The next page of the same `since`, where a later `since` would not get further. */
  readonly next?: string | undefined;
  /** What the pages of this `since` held, up to `next`. */
  readonly pass?: WindowPass | undefined;
  /** What they held when they were read before. */
  readonly earlier?: FinishedPass | undefined;
  /** Written by former releases, and ignored. */
  readonly again?: boolean | undefined;
}

/** What a provider promises of the times in its list. */
export interface KeysetRules {
  /** The finest time that the filter takes. Default 1 s. */
  readonly grainMs?: GrainMs;
  /** The finest time that rows carry. Default: that of the filter. */
  readonly rowGrainMs?: GrainMs;
  /** A row may become visible so long after the time it carries (replicas, long transactions) and is still found. Default 2 min. */
  readonly overlapMs?: number;
  /**
   * Whether a link counts rows (`page=3`, `offset=200`), so that a row that leaves its place makes it step over another. Default: by the
   * names in its query.
   */
  readonly isNumbered?: (next: string) => boolean;
}

/** What the planning needs to know of one page. */
export interface KeysetPage<Id extends RowId = RowId> extends PassPage<Id> {
  /** Rows of the page, malformed ones too. */
  readonly count: number;
  /** Rows that were requested. */
  readonly size: number;
  readonly next: string | undefined;
  /** The provider's word whether there is more, where it gives no link to it. With it a page that has room is no end by itself. */
  readonly hasMore?: boolean | undefined;
  readonly etag: string | undefined;
  /** The provider's clock. */
  readonly dateMs: number;
  /** Rows before it were requested by their numbers. */
  readonly byNumber?: boolean;
}

const defaultOverlapMs = 120_000;
const defaultGrainMs = 1_000;
/** Two clocks of one provider differ a little. */
const clockSlackMs = 1_000;

/** The rows of a page that were not yielded before. */
export function freshRows<Row, Id extends RowId>(
  state: KeysetState<Id>,
  rows: readonly Row[],
  stampOf: (row: Row) => RowStamp<Id>,
): readonly Row[] {
  return rows.filter((row) => !isSeen(state.seen, stampOf(row)));
}

/**
 * What to request after a page, and whether there is more to request now.
 *
 * A list sorted by the time of the last change moves under the reader: a row that is touched leaves its place, the rows behind it move up,
 * and a reader of numbered pages steps over one of them. So pages are not turned. The next request is for what changed since the last row
 * of this one, and rows seen before are dropped by identity (not those of the last moments: they may change again under the same time, so
 * they come twice rather than never). `since` moves
 * - to one grain before the last row, because providers have called `since` both "after" and "at or after", and many rows share a time;
 * - never past the overlap before the provider's own clock, for rows that become visible late;
 * - only when a page was full, or the provider says itself where the list ends: otherwise the same request stays, answers 304 while nothing
 *   happens, and costs nothing.
 *
 * Where `since` cannot move because one window holds more than a page, the links are followed through that window. If they are numbered
 * (`page=3`), a row may be stepped over, in one pass after another, so the window is read until two passes find the same rows. That proves
 * the earlier one whole: the first row that left its place and made that pass step over another had been read by it, and is not found again.
 */
export function planNext<Id extends RowId>(
  state: KeysetState<Id>,
  page: KeysetPage<Id>,
  rules: KeysetRules = {},
): { readonly state: KeysetState<Id>; readonly more: boolean } {
  const { grainMs = defaultGrainMs } = rules;
  const target = targetMs(state, page, rules);
  const link = page.next ?? linkAhead(state, page, grainMs);
  const seen = keepSeen(state.seen, closedRows(page.rows, page.dateMs, rules), state.since);
  const since = target === undefined ? undefined : toInstant(target, grainMs);
  if (since === undefined || fromInstant(since) <= sinceMs(state)) {
    const stay = { since: state.since, seen };
    if (link !== undefined)
      return { state: { ...stay, next: link, pass: extendPass(state, page, rules), earlier: state.earlier }, more: true };
    // A page without room left would look the same when more is added behind it, so its ETag proves nothing.
    const proves = state.next === undefined && page.count < page.size;
    return { state: { ...stay, etag: proves ? page.etag : undefined }, more: false };
  }
  return {
    state: isByNumber(state, page, rules) ? leaveByNumber(state, page, rules, since, seen) : move(since, seen),
    more: true,
  };
}

/** The state behind a numbered window: at its beginning again, unless this pass found what the one before it had found. */
function leaveByNumber<Id extends RowId>(
  state: KeysetState<Id>,
  page: KeysetPage<Id>,
  rules: KeysetRules,
  since: Instant,
  seen: Seen<Id>,
): KeysetState<Id> {
  const { earlier } = state;
  const { sum, until: settled } = extendPass(state, page, rules);
  const until = earlierOf(settled, since);
  const proven = sum === earlier?.sum ? earlierOf(until, earlier.until) : undefined;
  if (proven !== undefined && fromInstant(proven) > sinceMs(state)) return move(proven, seen);
  return { since: state.since, seen, earlier: { sum, until, count: (earlier?.count ?? 0) + 1 } };
}

/**
 * Where to resume when only some rows of the page at `state` are safe: at the same page, without them. For a page whose rows take so many
 * requests that a limit may end the run in the middle of it.
 */
export function planWithin<Id extends RowId>(
  state: KeysetState<Id>,
  done: readonly RowStamp<Id>[],
  dateMs: number,
  rules: KeysetRules = {},
): KeysetState<Id> {
  return { ...state, etag: undefined, seen: keepSeen(state.seen, closedRows(done, dateMs, rules), state.since) };
}

/** Rows that cannot change again under the time they carry. One whose time cannot be read has none. */
function closedRows<Id extends RowId>(
  rows: readonly RowStamp<Id>[],
  dateMs: number,
  rules: KeysetRules,
): readonly RowStamp<Id>[] {
  const openFromMs = dateMs - openForMs(rules);
  return rows.filter((row) => !(fromInstant(row.at) >= openFromMs));
}

function move<Id extends RowId>(since: Instant, seen: Seen<Id>): KeysetState<Id> {
  return { since, seen: keepSeen(seen, [], since) };
}

/** How many rows of a page lie in the window of a state. */
export function rowsInWindow<Id extends RowId>(state: KeysetState<Id>, { rows }: PassPage<Id>, rules: KeysetRules): number {
  const endMs = windowEndMs(state, rules);
  return state.since === undefined ? rows.length : rows.filter(({ at }) => !(fromInstant(at) >= endMs)).length;
}

/** Pages that reach further than this let `since` move. */
function windowEndMs<Id extends RowId>(state: KeysetState<Id>, { grainMs = defaultGrainMs }: KeysetRules): number {
  return sinceMs(state) + 2 * grainMs;
}

function extendPass<Id extends RowId>(state: KeysetState<Id>, page: KeysetPage<Id>, rules: KeysetRules): WindowPass {
  const { grainMs = defaultGrainMs, overlapMs = defaultOverlapMs } = rules;
  const settled = toInstant(page.dateMs - overlapMs, grainMs);
  return {
    sum: addToSum(state.pass?.sum, page, windowEndMs(state, rules)),
    until: state.pass === undefined ? settled : earlierOf(state.pass.until, settled),
    byNumber: isByNumber(state, page, rules) || undefined,
  };
}

function isByNumber<Id extends RowId>(state: KeysetState<Id>, page: KeysetPage<Id>, rules: KeysetRules): boolean {
  const { isNumbered = isNumberedLink } = rules;
  return state.pass?.byNumber === true || page.byNumber === true || (state.next !== undefined && isNumbered(state.next));
}

function earlierOf(one: Instant, other: Instant): Instant {
  return fromInstant(one) < fromInstant(other) ? one : other;
}

/** Where `since` could move to; undefined: it has no reason to. */
function targetMs<Id extends RowId>(state: KeysetState<Id>, page: KeysetPage<Id>, rules: KeysetRules): number | undefined {
  const { grainMs = defaultGrainMs, overlapMs = defaultOverlapMs } = rules;
  const settledMs = page.dateMs - overlapMs;
  const lastMs = lastTimeMs(page);
  if (page.next !== undefined || page.hasMore === true)
    return lastMs === undefined ? undefined : Math.min(lastMs - grainMs, settledMs);
  const hadRoom = page.hasMore === undefined && state.next === undefined && page.count < page.size;
  // Everything up to the settled moment is read: from there on a page has room, which can answer 304.
  return !hadRoom && lastMs !== undefined && lastMs <= settledMs ? settledMs : undefined;
}

/**
 * How long a row may change again under the time it carries. Two changes within one second are rare, so that the second one is only
 * waited for as long as clocks differ; within one minute they are common, and the second may become visible late like any other.
 */
function openForMs({ grainMs = defaultGrainMs, rowGrainMs = grainMs, overlapMs = defaultOverlapMs }: KeysetRules): number {
  return rowGrainMs + (rowGrainMs > 1_000 ? overlapMs : clockSlackMs);
}

/** Of the last row; one whose time is no time is passed over. */
function lastTimeMs<Id extends RowId>({ rows }: KeysetPage<Id>): number | undefined {
  return rows.map(({ at }) => fromInstant(at)).findLast((ms) => Number.isFinite(ms));
}

const aheadPrefix = "since=";

/** Without links, a window that `since` may not leave yet is read from ahead of it: from the time of the last row. */
function linkAhead<Id extends RowId>(state: KeysetState<Id>, page: KeysetPage<Id>, grainMs: GrainMs): string | undefined {
  const lastMs = lastTimeMs(page);
  if (page.hasMore !== true || lastMs === undefined) return undefined;
  const at = toInstant(lastMs - grainMs, grainMs);
  const requested = aheadOf(state.next) ?? state.since;
  const isFurther = requested === undefined || fromInstant(at) > fromInstant(requested);
  return isFurther ? `${aheadPrefix}${at}` : undefined;
}

/** The time that a link of the walk's own stands for; undefined for one of the provider's. */
export function aheadOf(next: string | undefined): Instant | undefined {
  return next?.startsWith(aheadPrefix) === true ? next.slice(aheadPrefix.length) : undefined;
}

function sinceMs<Id extends RowId>({ since }: KeysetState<Id>): number {
  return since === undefined ? -Infinity : fromInstant(since);
}

function isNumberedLink(link: string): boolean {
  // A connector may pass links that are relative to its base URL.
  const query = URL.parse(link, "https://relative.invalid")?.searchParams;
  return ["page", "offset", "start", "startAt", "skip"].some((name) => query?.has(name)) && query?.has("after") !== true;
}
