import type { FailedItem } from "@statewave-connectors/connector-sdk";
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
/** A customer first clicks on a face and then writes why: a younger rating waits for the next run. */
const settleMs = 10 * 60_000;

/** Ratings that were not yielded before, and where to resume behind them. */
export interface RatingsPage {
  readonly ratings: readonly unknown[];
  readonly failures: readonly FailedItem[];
  readonly state: RatingsState;
}

/** The ratings that were given from `from` on, in the order in which Freshdesk lists them, whichever that is. */
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
  const pages = pageNumberPages({ ...freshdesk, list, from: from.offset, signal, fetchPage });
  for await (const { items, failures, next, hasMore, read } of pages) {
    const settled = items.filter((row) => !(createdMs(row) > read.dateMs - settleMs));
    // Without an id or a time a row is a failed item whenever it is listed: the cursor cannot hold it.
    const ratings = settled.filter((row) => stampsOf(row).every((stamp) => !isSeen(seen, stamp)));
    const stamps = settled.flatMap(stampsOf);
    newest = latest(newest, stamps);
    seen = keepSeen(seen, stamps, undefined);
    const state = hasMore ? { createdSince, seen, offset: next, newest } : finished(createdSince, newest, seen);
    yield { ratings, failures, state };
  }
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
