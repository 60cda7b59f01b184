import type * as v from "valibot";
import type { Answer, GithubClient } from "./client.ts";
import { askForLess, badAnswer } from "./errors.ts";
import { freshRows, type KeysetPage, type KeysetState, planNext } from "./keyset-plan.ts";
import { readRows, type Rows } from "./rows.ts";

export interface KeysetWalk<Row> {
  readonly client: GithubClient;
  /** Below `base_url`: `repos/acme/widgets/issues`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly row: v.GenericSchema<unknown, Row>;
}

/** What one request of a walk brought, and where to go on behind it. */
export interface WalkedPage<Row, State> {
  readonly rows: readonly Row[];
  /** Rows left out, by reason. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly state: State;
}

/** Smaller ones only where GitHub does not manage 100 rows in time. */
const pageSizes = [100, 30, 10] as const;

/**
 * Walks a repository's list by update time, from `state` to its end. One page is yielded for each answer with a body, its rows are those that
 * were not yielded before; a 304 ends the walk in silence. `planNext` holds the reasoning.
 */
export async function* walkKeyset<Row extends { readonly id: number; readonly updated_at: string }>(
  walk: KeysetWalk<Row>,
  from: KeysetState,
  signal: AbortSignal,
): AsyncGenerator<WalkedPage<Row, KeysetState> & { readonly dateMs: number }, void, undefined> {
  let state = from;
  for (let more = true; more;) {
    const page = await readPage(walk, state, signal);
    if (page === undefined) return;
    const fresh = freshRows(state, page.rows);
    ({ state, more } = planNext(state, page));
    yield { rows: fresh, skipped: countOf("malformed", page.malformed), state, dateMs: page.dateMs };
  }
}

/** What a page says of rows left out for one reason. */
export function countOf(reason: string, count: number): Readonly<Record<string, number>> {
  return count === 0 ? {} : { [reason]: count };
}

/** Undefined: not modified. A function of its own, so that the raw answer is garbage before the page is handed on, and dies young. */
async function readPage<Row extends { readonly id: number; readonly updated_at: string }>(
  walk: KeysetWalk<Row>,
  state: KeysetState,
  signal: AbortSignal,
): Promise<(KeysetPage & Rows<Row>) | undefined> {
  const { answer, size } = await ask(walk, state, signal);
  if (answer.notModified) return undefined;
  const { next, etag, dateMs } = answer;
  if (next !== undefined && next === state.next) throw badAnswer(`GitHub's next page of ${walk.path} is the same page again`);
  const { rows, malformed } = readRows(walk.row, answer.body, walk.path);
  return { rows, malformed, count: rows.length + malformed, size, next, etag, dateMs };
}

async function ask<Row>(
  walk: KeysetWalk<Row>,
  state: KeysetState,
  signal: AbortSignal,
): Promise<{ readonly answer: Answer; readonly size: number }> {
  const { client } = walk;
  const { next } = state;
  // A given link is followed verbatim, so its page cannot be made smaller.
  if (next !== undefined) return { answer: await client.get(next, { signal }), size: pageSizes[0] };
  return await askForLess(pageSizes, async (size) => {
    const query = new URLSearchParams({ ...walk.query, sort: "updated", direction: "asc", per_page: String(size) });
    if (state.since !== undefined) query.set("since", state.since);
    const etag = size === pageSizes[0] ? state.etag : undefined;
    return { answer: await client.get(`${walk.path}?${query.toString()}`, { signal, etag }), size };
  });
}
