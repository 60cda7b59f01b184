import type { Clock, FailedItem, Logger } from "@statewave-connectors/connector-sdk";
import { type Instant, type KeysetState, keySetWalk, readAhead } from "@statewave-connectors/connector-sdk/paging";
import type * as v from "valibot";
import { github, type GithubClient } from "../client.ts";
import { readRows } from "../rows.ts";

/** What the walks of an entry have in common. */
export interface WalkContext {
  readonly client: GithubClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Where a stream begins that was never read; undefined: at the beginning. */
  readonly firstSince: Instant | undefined;
}

/** One of the lists that GitHub sorts by `updated_at`. */
export interface UpdatedList<Row> {
  /** Below `base_url`: `repos/acme/widgets/issues`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly row: v.GenericSchema<unknown, Row>;
}

/** What one request of a walk brought, and where to resume behind it. */
export interface WalkedPage<Row, State> {
  readonly rows: readonly Row[];
  /** Rows that are left out on purpose, by reason. */
  readonly skipped?: Readonly<Record<string, number>>;
  /** Rows that could not be read. */
  readonly failures?: readonly FailedItem[];
  readonly state: State;
}

/** A row may become visible so long after the `updated_at` it carries (replicas, long transactions) and is still found. */
export const overlapMs = 120_000;

/** What a page says of rows left out for one reason. */
export function countOf(reason: string, count: number): Readonly<Record<string, number>> {
  return count === 0 ? {} : { [reason]: count };
}

/** A page of a list that is walked by update time. */
interface UpdatedPage<Row> extends WalkedPage<Row, KeysetState<number>> {
  /** See `KeysetWalkPage`. */
  readonly dateMs: number;
}

/** Walks a list by update time, from `state` to its end and one page ahead; see `keySetWalk`. */
export function walkUpdated<Row extends { readonly id: number; readonly updated_at: string }>(
  list: UpdatedList<Row>,
  context: WalkContext,
  state: KeysetState<number>,
): AsyncGenerator<UpdatedPage<Row>, void, undefined> {
  return readAhead((signal) => walkInTurn(list, { ...context, signal }, state), context.signal);
}

async function* walkInTurn<Row extends { readonly id: number; readonly updated_at: string }>(
  list: UpdatedList<Row>,
  { client, clock, logger, signal, firstSince }: WalkContext,
  state: KeysetState<number>,
): AsyncGenerator<UpdatedPage<Row>, void, undefined> {
  const pages = keySetWalk<Row, number>(
    {
      ...github,
      list: list.path,
      overlapMs,
      firstSince,
      signal,
      now: () => clock.now(),
      onFutureTime: (future) => logger.warn("a time lies in the future and is not believed", { ...future, list: list.path }),
      stampOf: ({ id, updated_at: at }) => ({ id, at }),
      fetchPage: async ({ since, next, etag }, size) => {
        const answer = await client.get(next ?? `${list.path}?${queryOf(list, since, size)}`, { signal, etag });
        if (answer.notModified) return { rows: [], notModified: true, dateMs: answer.dateMs };
        const read = readRows(list.row, client.listOf(answer));
        return { ...answer, ...read };
      },
      rowAt: (since, number) => `${list.path}?${queryOf(list, since, 1)}&page=${number + 1}`,
    },
    state,
  );
  for await (const { rows, failures, state: reached, dateMs } of pages) yield { rows, failures, state: reached, dateMs };
}

function queryOf<Row>({ query }: UpdatedList<Row>, since: Instant | undefined, size: number): string {
  const parameters = new URLSearchParams({ ...query, sort: "updated", direction: "asc", per_page: String(size) });
  if (since !== undefined) parameters.set("since", since);
  return parameters.toString();
}
