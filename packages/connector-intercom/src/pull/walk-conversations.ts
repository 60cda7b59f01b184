import type { ConnectorContext, PullRange } from "@statewave-connectors/connector-sdk";
import type { ProviderClient } from "@statewave-connectors/connector-sdk/http";
import {
  type Instant,
  type KeysetPosition,
  type KeysetState,
  keySetWalk,
  type KeysetWalkPage,
} from "@statewave-connectors/connector-sdk/paging";
import { service } from "../client.ts";
import { type Row, searchConversations } from "./search.ts";

/** Each conversation of a page takes a request of its own, so that a larger page hardly saves any: 150 would save 1.3 %. */
const pageSizes = [50, 10, 1] as const;

/** The index of the search lags behind writes, by an unknown time. */
const overlapMs = 5 * 60_000;

export interface ConversationWalk {
  readonly client: ProviderClient;
  readonly context: Pick<ConnectorContext, "clock" | "logger">;
  /** Where a first sync begins; undefined: at the beginning. */
  readonly firstSince: Instant | undefined;
  /** Undefined: everything that changed is listed. */
  readonly range: PullRange | undefined;
  readonly signal: AbortSignal;
}

/** A page of the walk, and how many conversations are left behind it as Intercom counts them. */
export interface ConversationsPage extends KeysetWalkPage<Row, string> {
  readonly left: number | undefined;
}

/** Lists the conversations that changed, from `state` to the end of the list. */
export async function* walkConversations(
  { client, context: { clock, logger }, firstSince, range, signal }: ConversationWalk,
  state: KeysetState<string>,
): AsyncGenerator<ConversationsPage, void, undefined> {
  const createdBeforeSeconds = range === undefined ? undefined : Math.ceil(Date.parse(range.until) / 1_000);
  let left: number | undefined;
  const walk = keySetWalk<Row, string>(
    {
      ...service,
      list: "conversations",
      sizes: pageSizes,
      overlapMs,
      firstSince,
      signal,
      now: () => clock.now(),
      onFutureTime: (future) => logger.warn("a time lies in the future and is not believed", { ...future }),
      // A cursor of the search names the last conversation of a page, and no number of rows.
      isNumbered: () => false,
      stampOf: ({ id, updated_at: at }) => ({ id, at }),
      async fetchPage({ since, next }: KeysetPosition, size) {
        const from = readLink(next) ?? { sinceSeconds: since === undefined ? 0 : Math.floor(Date.parse(since) / 1_000) };
        const found = await searchConversations(client, { ...from, createdBeforeSeconds, size, signal });
        const { rows, failures, startingAfter, isCutOff, total, dateMs } = found;
        // Behind a cursor the count is that of the search which the cursor belongs to.
        left = total === undefined || next !== undefined ? undefined : Math.max(0, total - rows.length - failures.length);
        // What Intercom counts behind the page is searched for by the time of its last row.
        if (isCutOff) return { rows: latestFirst(rows, dateMs - overlapMs), failures, dateMs, hasMore: true };
        if (startingAfter === undefined) return { rows, failures, dateMs };
        const link = writeLink(from.sinceSeconds, startingAfter);
        return { rows: latestFirst(rows, dateMs - overlapMs), failures, dateMs, next: link };
      },
    },
    state,
  );
  for await (const page of walk) yield { ...page, left };
}

/**
 * The rows that changed after a time, then the others. A row may show a later change than the one that the index lists it by, so that the
 * page ends at the last of the others: to resume behind a later time would pass over what the index lists in between.
 */
function latestFirst(rows: readonly Row[], afterMs: number): readonly Row[] {
  const isLate = ({ updated_at: at }: Row) => Date.parse(at) > afterMs;
  return [...rows.filter((row) => isLate(row)), ...rows.filter((row) => !isLate(row))];
}

/** A cursor of Intercom's belongs to the search that it came from. */
function writeLink(sinceSeconds: number, startingAfter: string): string {
  return `${sinceSeconds}:${startingAfter}`;
}

function readLink(link: string | undefined): { readonly sinceSeconds: number; readonly startingAfter: string } | undefined {
  if (link === undefined) return undefined;
  const colon = link.indexOf(":");
  return { sinceSeconds: Number(link.slice(0, colon)), startingAfter: link.slice(colon + 1) };
}
