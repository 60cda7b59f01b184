import { mostAheadMs } from "./clamp-time.ts";
import type { FailedItem } from "../contract/page.ts";
import { fromInstant, type Instant, toInstant } from "./instant.ts";
import { freshRows, type KeysetRules, type KeysetState, planNext, planWithin, rowsInWindow } from "./key-set-plan.ts";
import { mostPasses, PassRows } from "./key-set-pass.ts";
import { countOf, KeysetReader, type KeysetRequests } from "./key-set-reader.ts";
import { nextPageMissing, pageRepeated, shownPosition } from "./named-list.ts";
import { ProgressWatch } from "./progress-watch.ts";
import { hasId, readStamp, type RowId, type RowStamp } from "./seen.ts";

export interface KeysetWalk<Row, Id extends RowId> extends KeysetRequests<Row>, KeysetRules {
  /** A row's id and the time of its last change. */
  readonly stampOf: (row: Row) => RowStamp<Id>;
  /** Where the list begins for this entry; what a state that lies in the future is replaced with. Default: at its beginning. */
  readonly firstSince?: Instant | undefined;
  /** This machine's clock, epoch milliseconds. */
  readonly now: () => number;
  /** Called when a clock or a stored time that lies in the future was not believed: to be logged. */
  readonly onFutureTime?: (future: FutureTime) => void;
}

/** A time that was not believed. */
export interface FutureTime {
  readonly what: "provider_clock" | "stored_since";
  readonly at: Instant;
}

/** What one request of a walk found, and where to resume behind it. */
export interface KeysetWalkPage<Row, Id extends RowId> {
  /** Rows that were not yielded before. */
  readonly rows: readonly Row[];
  readonly malformed: number;
  /** Rows that could not be read, and rows that the provider cannot return, however small the page. */
  readonly failures: readonly FailedItem[];
  readonly state: KeysetState<Id>;
  /** Where to resume when only these of `rows` are safe: the page is requested again, and they are left out. */
  readonly stateWithin: (done: readonly Row[]) => KeysetState<Id>;
  /** The provider's clock when it answered; never further ahead of this machine's than clocks differ. */
  readonly dateMs: number;
}

/**
 * Walks a list by the time of the last change, from `state` to its end. One page is yielded for each answer with a body; a 304 ends the walk
 * in silence. `planNext` holds the reasoning.
 *
 * @throws `<PREFIX>_PAGE_REPEATED`, `<PREFIX>_NEXT_PAGE_MISSING`, and what `fetchPage` throws.
 */
export async function* keySetWalk<Row, Id extends RowId>(
  walk: KeysetWalk<Row, Id>,
  from: KeysetState<Id>,
): AsyncGenerator<KeysetWalkPage<Row, Id>, void, undefined> {
  const { signal, firstSince } = walk;
  const stampOf = (row: Row) => readStamp(row, walk.stampOf);
  const reader = new KeysetReader(walk, from);
  const clocks = new Clocks(walk);
  let state = from;
  let watch = new ProgressWatch<Row>(walk, (row) => toKey(stampOf(row)));
  const passRows = new PassRows();
  if (state.next !== undefined) watch.position(state.next);
  for (let more = true; more;) {
    signal.throwIfAborted();
    const found = await reader.read(state);
    if (found === undefined) {
      state = { since: state.since, seen: state.seen, earlier: state.earlier };
      watch = new ProgressWatch<Row>(walk, (row) => toKey(stampOf(row)));
      continue;
    }
    const { read, size, link, failures, byNumber } = found;
    const dateMs = clocks.believableMs(read.dateMs);
    if (state.since !== firstSince && clocks.isInFuture(state.since, read.dateMs)) {
      state = { since: firstSince, seen: {} };
      continue;
    }
    if (read.notModified === true) return;
    const { malformed = 0, next, hasMore, etag } = read;
    const { rows, unreadable } = divideRows(read.rows, walk.stampOf);
    const requested = state;
    const before = { ...requested, next: link ?? requested.next };
    const failed = failures.map(({ id }) => id);
    const page = { rows: rows.map(stampOf), failed, malformed: malformed + unreadable.length, byNumber };
    ({ state, more } = planNext(before, { ...page, count: countOf(read), size, next, hasMore, etag, dateMs }, walk));
    passRows.page(rowsInWindow(before, page, walk), before.pass === undefined);
    if (state.pass === undefined) state = afterPass(state, passRows);
    if (hasMore === true && !more)
      throw nextPageMissing(walk, `its page from ${shownPosition(before.since)} on leads no further`);
    // The window was left, or begins again.
    if (state.next === undefined) watch = new ProgressWatch<Row>(walk, (row) => toKey(stampOf(row)));
    else watch.position(state.next);
    watch.page(rows);
    const stateWithin = (done: readonly Row[]) => planWithin(requested, done.map(stampOf), dateMs, walk);
    yield {
      rows: freshRows(before, rows, stampOf),
      malformed,
      failures: [...failures, ...unreadable],
      state,
      stateWithin,
      dateMs,
    };
    if (state.pass === undefined && state.earlier !== undefined && state.earlier.count >= mostPasses)
      throw pageRepeated(walk, `the rows from ${shownPosition(state.since)} on differ each time they are read`);
  }
}

/** The rows, without those that have no stamp: null, or without an id. These are failed items, and cost no other row. */
function divideRows<Row, Id extends RowId>(all: readonly Row[], stampOf: KeysetWalk<Row, Id>["stampOf"]) {
  const rows: Row[] = [];
  const unreadable: FailedItem[] = [];
  for (const row of all) {
    try {
      if (!hasId(stampOf(row))) throw new TypeError("a row of the list has no id");
      rows.push(row);
    } catch (error) {
      unreadable.push({ id: "", error, raw: row });
    }
  }
  return { rows, unreadable };
}

/** Behind a pass, or a window: a pass that found fewer rows than all before it is progress, however many passes there were. */
function afterPass<Id extends RowId>(state: KeysetState<Id>, passRows: PassRows): KeysetState<Id> {
  if (state.earlier === undefined) passRows.forget();
  else if (passRows.finish()) return { ...state, earlier: { ...state.earlier, count: 1 } };
  return state;
}

/** Judges times by this machine's clock and the provider's: either may be wrong. */
class Clocks {
  readonly #walk: Pick<KeysetWalk<never, RowId>, "now" | "onFutureTime">;
  readonly #reported = new Set<FutureTime["what"]>();

  constructor(walk: Pick<KeysetWalk<never, RowId>, "now" | "onFutureTime">) {
    this.#walk = walk;
  }

  /** A provider's clock that was in the future once must not carry `since` there: everything until then would be passed over. */
  believableMs(dateMs: number): number {
    const nowMs = this.#walk.now();
    if (dateMs <= nowMs + mostAheadMs) return dateMs;
    this.#report("provider_clock", toInstant(dateMs));
    return nowMs;
  }

  /** In the future of both clocks: one of them may be behind. */
  isInFuture(since: Instant | undefined, dateMs: number): boolean {
    if (since === undefined || fromInstant(since) <= Math.max(dateMs, this.#walk.now()) + mostAheadMs) return false;
    this.#report("stored_since", since);
    return true;
  }

  #report(what: FutureTime["what"], at: Instant): void {
    if (this.#reported.has(what)) return;
    this.#reported.add(what);
    this.#walk.onFutureTime?.({ what, at });
  }
}

function toKey({ id, at }: RowStamp): string {
  return `${at} ${id}`;
}
