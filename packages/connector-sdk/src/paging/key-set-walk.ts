import { mostAheadMs } from "./clamp-time.ts";
import { fromInstant, type Instant, toInstant } from "./instant.ts";
import { aheadOf, freshRows, type KeysetRules, type KeysetState, planNext } from "./key-set-plan.ts";
import { type NamedList, nextPageMissing, pageRepeated, shownPosition } from "./named-list.ts";
import { PageSizes, type Sizes } from "./page-sizes.ts";
import { ProgressWatch } from "./progress-watch.ts";
import type { RowId, RowStamp } from "./seen.ts";
import { isOverloaded, requestSmaller } from "./smaller-pages.ts";

/** Which rows to request: those changed at or after `since`, oldest first, or the page behind a link. */
export interface KeysetPosition {
  readonly since: Instant | undefined;
  /** A link that the provider gave, to be followed verbatim: it stands for everything else. */
  readonly next: string | undefined;
  /** To be sent as `If-None-Match`. */
  readonly etag: string | undefined;
}

/** What a request for rows found. */
export interface KeysetRead<Row> {
  /** In the order of the page: by time, oldest first. */
  readonly rows: readonly Row[];
  /** Rows that were not of the expected shape. Default 0. */
  readonly malformed?: number;
  /** A 304: nothing changed since the ETag that was sent. */
  readonly notModified?: boolean;
  readonly next?: string | undefined;
  /** The provider's word that there is more, where it gives no link to it. */
  readonly hasMore?: boolean | undefined;
  readonly etag?: string | undefined;
  /** The provider's clock, epoch milliseconds. */
  readonly dateMs: number;
}

export interface KeysetWalk<Row, Id extends RowId> extends NamedList, KeysetRules {
  readonly fetchPage: (position: KeysetPosition, size: number, signal: AbortSignal) => Promise<KeysetRead<Row>>;
  /** A row's id and the time of its last change. */
  readonly stampOf: (row: Row) => RowStamp<Id>;
  /** Where the list begins for this entry; what a state that lies in the future is replaced with. Default: at its beginning. */
  readonly firstSince?: Instant | undefined;
  readonly signal: AbortSignal;
  /** Sizes of page, largest first. Default 100, 30, 10, 1. */
  readonly sizes?: Sizes;
  /** Whether a smaller page may succeed. Default: `isOverloaded`. */
  readonly isOverloaded?: (error: unknown) => boolean;
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
  readonly state: KeysetState<Id>;
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
  const { signal, stampOf, firstSince } = walk;
  const sizes = new PageSizes(walk.sizes);
  let state = from;
  let watch = new ProgressWatch<Row>(walk, (row) => toKey(stampOf(row)));
  if (state.next !== undefined) watch.position(state.next);
  const clocks = new Clocks(walk);
  for (let more = true; more;) {
    signal.throwIfAborted();
    const { read, size } = await readAt(walk, state, sizes);
    const dateMs = clocks.believableMs(read.dateMs);
    if (clocks.isInFuture(state.since, read.dateMs)) {
      state = { since: firstSince, seen: {} };
      continue;
    }
    if (read.notModified === true) return;
    const { rows, malformed = 0, next, hasMore, etag } = read;
    const before = state;
    if (next !== undefined && next === before.next) throw pageRepeated(walk, `${shownPosition(next)} is its own next page`);
    const stamps = rows.map(stampOf);
    ({ state, more } = planNext(
      before,
      { rows: stamps, count: rows.length + malformed, size, next, hasMore, etag, dateMs },
      walk,
    ));
    if (hasMore === true && !more)
      throw nextPageMissing(walk, `its page from ${shownPosition(before.since)} on leads no further`);
    // The window was left, or begins anew.
    if (state.next === undefined) watch = new ProgressWatch<Row>(walk, (row) => toKey(stampOf(row)));
    else watch.position(state.next);
    watch.page(rows);
    sizes.advance(rows.length + malformed);
    yield { rows: freshRows(before, rows, stampOf), malformed, state, dateMs };
  }
}

async function readAt<Row, Id extends RowId>(
  walk: KeysetWalk<Row, Id>,
  state: KeysetState<Id>,
  sizes: PageSizes,
): Promise<{ readonly read: KeysetRead<Row>; readonly size: number }> {
  const { fetchPage, signal } = walk;
  const ahead = aheadOf(state.next);
  if (state.next !== undefined && ahead === undefined) {
    // A link is followed verbatim, so its page cannot be made smaller.
    const { since, next } = state;
    return { read: await fetchPage({ since, next, etag: undefined }, sizes.largest, signal), size: sizes.largest };
  }
  const found = await requestSmaller({
    sizes,
    isOverloaded: walk.isOverloaded ?? isOverloaded,
    request: (size) => {
      const etag = size === sizes.largest && ahead === undefined ? state.etag : undefined;
      return fetchPage({ since: ahead ?? state.since, next: undefined, etag }, size, signal);
    },
  });
  if ("error" in found) throw found.error;
  return { read: found.answer, size: found.size };
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
