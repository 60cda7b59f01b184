import type { FailedItem } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import { stringField, toFields } from "@statewave-connectors/connector-sdk/items";
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
import { rowId, Rows } from "../rows.ts";
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
    const settled = items.filter((row) => !(fromInstant(stampOf(row).at) > read.dateMs - settleMs));
    const ratings = settled.filter((row) => !isSeen(seen, stampOf(row)));
    newest = latest(newest, settled);
    seen = keepSeen(seen, settled.map(stampOf), undefined);
    const state = hasMore ? { createdSince, seen, offset: next, newest } : finished(createdSince, newest, seen);
    yield { ratings, failures, state };
  }
}

/** One second earlier than the latest rating: several may have been given within it. */
function finished(createdSince: string, newest: string | undefined, seen: RatingsState["seen"]): RatingsState {
  const since = newest === undefined ? createdSince : toInstant(Math.max(fromInstant(newest) - 1_000, fromInstant(createdSince)));
  return { createdSince: since, seen: keepSeen(seen, [], since) };
}

function stampOf(row: unknown): RowStamp<string> {
  const fields = toFields(row);
  return { id: rowId(fields) ?? "", at: stringField(fields, "created_at") ?? "" };
}

function latest(newest: string | undefined, rows: readonly unknown[]): string | undefined {
  const times = [newest ?? "", ...rows.map((row) => stampOf(row).at)]
    .map((at) => fromInstant(at))
    .filter((ms) => Number.isFinite(ms));
  return times.length === 0 ? undefined : toInstant(Math.max(...times));
}
