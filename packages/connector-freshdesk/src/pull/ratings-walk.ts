import { ConnectorsError, type FailedItem } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { idField, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import {
  fromInstant,
  isSeen,
  keepSeen,
  pageNumberPages,
  type RowStamp,
  toInstant,
} from "@statewave-connectors/connector-sdk/paging";
import { freshdesk } from "../client.ts";
import { aboutRatings } from "../errors.ts";
import { hasNextPage } from "../next-page.ts";
import { Rows } from "../rows.ts";
import type { RatingsState } from "./cursor.ts";

const list = "satisfaction ratings";
const sizes = [100, 30, 10, 1] as const;
/** Freshdesk answers for no later page of a list, whatever its size. */
const lastPage = 300;
const mostListed = lastPage * sizes[0];
/** A customer first clicks on a face and then writes why: a younger rating waits for the next run. */
export const settleMs = 10 * 60_000;

/** Ratings that were not yielded before, and where to resume behind them. */
export interface RatingsPage {
  readonly ratings: readonly unknown[];
  readonly failures: readonly FailedItem[];
  readonly state: RatingsState;
}

/**
 * The ratings that were given from `from` on, in the order in which Freshdesk lists them, whichever that is. Behind the last page that it
 * numbers, a list of the oldest first begins again at its newest rating; of a list of the newest first the rest cannot be reached.
 */
export async function* newRatings(
  client: ProviderClient,
  from: RatingsState,
  signal: AbortSignal,
): AsyncGenerator<RatingsPage, void, undefined> {
  const { createdSince } = from;
  let { seen, newest } = from;
  const fetchPage = async (page: number, size: number) => {
    const query = { created_since: createdSince, page, per_page: size };
    const answer = await client.get("surveys/satisfaction_ratings", { query, about: aboutRatings, schema: Rows, signal });
    return { items: answer.body, hasMore: hasNextPage(client, answer, { page, size }), dateMs: answer.dateMs };
  };
  // A stored offset behind the last page requests that page again, which shows the order of the list.
  const offset = from.offset === undefined ? undefined : Math.min(from.offset, mostListed - sizes[0]);
  const pages = pageNumberPages({ ...freshdesk, list, sizes, from: offset, lastPage, signal, fetchPage });
  for await (const { items, failures, next, hasMore, read } of pages) {
    const settled = items.filter((row) => !(createdMs(row) > read.dateMs - settleMs));
    // Without an id or a time a row is a failed item whenever it is listed: the cursor cannot hold it.
    const ratings = settled.filter((row) => stampsOf(row).every((stamp) => !isSeen(seen, stamp)));
    const stamps = settled.flatMap(stampsOf);
    newest = latest(newest, stamps);
    seen = keepSeen(seen, stamps, undefined);
    const isLastNumbered = next !== undefined && next >= mostListed;
    if (hasMore && !isLastNumbered) {
      yield { ratings, failures, state: { createdSince, seen, offset: next, newest } };
      continue;
    }
    const state = finished(createdSince, newest, seen);
    if (!hasMore) return yield { ratings, failures, state };
    const last = latest(undefined, items.flatMap(stampsOf));
    if (isAscending(last, newest) && state.createdSince !== createdSince) {
      yield { ratings, failures, state };
      return yield* newRatings(client, state, signal);
    }
    return yield { ratings, failures: [...failures, olderOutOfReach(createdSince, last)], state };
  }
}

/** Whether a page holds the latest of all ratings that were read with it and before it. */
function isAscending(last: string | undefined, newest: string | undefined): boolean {
  return last !== undefined && newest !== undefined && fromInstant(last) >= fromInstant(newest);
}

function olderOutOfReach(createdSince: string, reached: string | undefined): FailedItem {
  const error = new ConnectorsError({
    code: "FRESHDESK_RATINGS_OUT_OF_REACH",
    message: `more than ${mostListed} ratings were given since ${createdSince}, and Freshdesk lists none before ${reached ?? "these"}`,
    hint: "discard the dead letter: newer ratings are read, and Freshdesk gives no way to the older ones",
  });
  return { id: `ratings since ${createdSince}`, error };
}

/** One second earlier than the latest rating: several may have been given within it. */
function finished(createdSince: string, newest: string | undefined, seen: RatingsState["seen"]): RatingsState {
  const since = newest === undefined ? createdSince : toInstant(Math.max(fromInstant(newest) - 1_000, fromInstant(createdSince)));
  return { createdSince: since, seen: keepSeen(seen, [], since) };
}

function createdMs(row: unknown): number {
  return fromInstant(stringField(toFields(row), "created_at") ?? "");
}

/** None for a row that cannot be recognised. */
function stampsOf(row: unknown): readonly RowStamp<string>[] {
  const fields = toFields(row);
  const id = idField(fields, "id");
  const at = stringField(fields, "created_at");
  return id === undefined || at === undefined || !Number.isFinite(fromInstant(at)) ? [] : [{ id, at }];
}

function latest(newest: string | undefined, stamps: readonly RowStamp<string>[]): string | undefined {
  const times = [newest ?? "", ...stamps.map(({ at }) => at)].map((at) => fromInstant(at)).filter((ms) => Number.isFinite(ms));
  return times.length === 0 ? undefined : toInstant(Math.max(...times));
}
