import { type ConnectorContext, type FailedItem, parseItem } from "@statewave-connectors/connector-sdk";
import type { ProviderClient, ProviderError } from "@statewave-connectors/connector-sdk/http";
import {
  type KeysetPosition,
  type KeysetRead,
  keySetWalk,
  type KeysetWalkPage,
} from "@statewave-connectors/connector-sdk/paging";
import { freshdesk } from "../client.ts";
import { nextPage } from "../next-page.ts";
import { Rows, TicketRow } from "../rows.ts";
import type { TicketsState } from "./cursor.ts";

/** Freshdesk answers for no later page of a list, whatever its size. */
const lastPage = 300;
const list = "tickets";

/** What a list of tickets is read with. */
export interface TicketsReading {
  readonly client: ProviderClient;
  readonly context: ConnectorContext;
  readonly firstSince: string;
  readonly signal: AbortSignal;
}

/**
 * The tickets that changed, oldest change first. Freshdesk numbers its pages, and a ticket that changes meanwhile leaves its place: so each
 * page is requested anew from the last change on, and numbers are used only where one moment has more tickets than a page.
 */
export function changedTickets(
  { client, context, firstSince, signal }: TicketsReading,
  from: TicketsState,
): AsyncGenerator<KeysetWalkPage<TicketRow, string>, void, undefined> {
  return keySetWalk(
    {
      ...freshdesk,
      list,
      signal,
      firstSince,
      now: () => context.clock.now(),
      stampOf: ({ id, updated_at }: TicketRow) => ({ id, at: updated_at }),
      fetchPage: (position, size) => ticketsPage(client, position, size, signal),
      rowAt: (_, number) => linkTo(number + 1, 1),
      onFutureTime: (future) => context.logger.warn("a time of the future is not believed", { ...future, list }),
    },
    from,
  );
}

async function ticketsPage(
  client: ProviderClient,
  { since, next }: KeysetPosition,
  size: number,
  signal: AbortSignal,
): Promise<KeysetRead<TicketRow>> {
  const link = new URLSearchParams(next);
  const page = Number(link.get("page") ?? 1);
  const perPage = Number(link.get("per_page") ?? size);
  if (page > lastPage) throw tooManyAtOnce(client, since, perPage);
  const query = {
    updated_since: since,
    order_by: "updated_at",
    order_type: "asc",
    include: "requester,stats,description",
    per_page: perPage,
    page,
  };
  const answer = await client.get(list, { query, lane: list, about: "the tickets", schema: Rows, signal });
  const behind = nextPage(answer, { page, size: perPage });
  return { ...split(answer.body), dateMs: answer.dateMs, next: behind === undefined ? undefined : linkTo(behind, perPage) };
}

function linkTo(page: number, perPage: number): string {
  return `?page=${page}&per_page=${perPage}`;
}

/** Rows without an id are kept as failed items. */
function split(body: readonly unknown[]): Pick<KeysetRead<TicketRow>, "rows" | "failures"> {
  const rows: TicketRow[] = [];
  const failures: FailedItem[] = [];
  for (const raw of body) {
    try {
      rows.push(parseItem(TicketRow, raw, { ...freshdesk, item: "ticket" }));
    } catch (error) {
      failures.push({ id: "", error, raw: { of: "ticket", ticket: raw, names: {} } });
    }
  }
  return { rows, failures };
}

/** Numbers lead no further, and times are no finer. */
function tooManyAtOnce(client: ProviderClient, since: string | undefined, perPage: number): ProviderError {
  return client.error({
    is: "refused",
    code: "FRESHDESK_TOO_MANY_PAGES",
    message: `more than ${lastPage * perPage} tickets changed within the second after ${since}, and Freshdesk lists no more`,
    hint: "change some of these tickets, such as by a bulk update of a tag, or set `since_default` behind that second and run `state reset`",
  });
}
