import { isProviderError } from "@statewave-connectors/connector-sdk/http";
import { toFields } from "@statewave-connectors/connector-sdk/items";
import { type CursorRead, cursorPages, type PartPage } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { exportLane, zendesk } from "../client.ts";
import { learnSideloads } from "../names/directory.ts";
import { toRawTicket, namesIn } from "../names/raw-ticket.ts";
import { recall } from "../names/ticket-facts.ts";
import { auditPages } from "./audit-pages.ts";
import type { TicketsState } from "./cursor.ts";
import { type OpenedEntry, namesFor, pageOf } from "./opened-entry.ts";
import { type Export, startTime } from "./export.ts";
import { afterPage, type GoneTickets } from "./gone-tickets.ts";
import { type ReadTicket, toReadTicket } from "./read-ticket.ts";

const TicketsPage = v.looseObject({
  tickets: v.array(v.unknown()),
  after_cursor: v.nullish(v.string()),
  end_of_stream: v.boolean(),
});

/** 1,000 is the most that Zendesk gives. */
const sizes = [1_000, 250, 50, 10, 1];
/** A walk that begins again reads so much again. */
const overlapSeconds = 3_600;

/** Reads tickets in the order of their changes: their facts are remembered for their events, and ratings and merges become episodes. */
export async function* ticketPages(
  opened: OpenedEntry,
  { context, support_type_scope, lead, firstSince }: Export,
  from: TicketsState,
  signal: AbortSignal,
): AsyncGenerator<PartPage<TicketsState>, void, undefined> {
  const { client, directory, scope } = opened;
  let { since, cursor: reached } = from;
  let gone: GoneTickets = from.gone ?? {};
  const pages = cursorPages<CursorRead<ReadTicket>>({
    ...zendesk,
    list: "tickets",
    from: from.cursor,
    signal,
    sizes,
    keyOf: ({ key }) => key,
    // A cursor that was stored for too long, or belongs to an account that was moved.
    isExpired: (error) => isProviderError(error, "refused"),
    async fetchPage(cursor, per_page) {
      const start_time = startTime(Math.max(0, from.cursor === undefined ? since : since - overlapSeconds), context);
      const position = cursor === undefined ? { start_time } : { cursor };
      const query = { ...position, per_page, include: "users,organizations", support_type_scope };
      const { body } = await client.get("incremental/tickets/cursor.json", {
        query,
        signal,
        schema: TicketsPage,
        lane: exportLane,
        about: "the tickets",
      });
      const { tickets, after_cursor, end_of_stream } = body;
      learnSideloads(directory, body);
      return { items: tickets.map((row) => toReadTicket(toFields(row) ?? { row })), next: after_cursor, hasMore: !end_of_stream };
    },
  });
  for await (const { items, failures, next, hasMore } of pages) {
    for (const { id, facts } of items) if (id !== undefined) directory.learn("ticket", id, facts);
    const kept = items.filter((ticket) => !ticket.isGone);
    const behind = afterPage(gone, items, context.clock.now());
    for (const { id: ticketId, facts } of kept) {
      if (ticketId === undefined || !behind.restored.has(ticketId)) continue;
      // The export of events has passed what was left out while the ticket was gone.
      const story = auditPages(opened, recall(facts), { ticketId, sinceMs: Date.parse(firstSince) }, signal);
      for await (const part of story) yield { ...part, state: toState(reached, since, gone) };
    }
    const reporting = kept.filter(({ mayReport }) => mayReport);
    const names = await namesFor(
      opened,
      (known) => reporting.map(({ facts }) => namesIn(recall(facts), [], known)).length,
      signal,
    );
    const page = pageOf(
      kept.map(({ facts }) => toRawTicket(recall(facts), undefined, names)),
      scope,
    );
    since = Math.max(since, ...items.map(({ changedSeconds }) => changedSeconds));
    lead.ticketsRead(since * 1_000, items.length, hasMore);
    const deleted = items.length - kept.length;
    gone = behind.gone;
    reached = next;
    yield {
      ...page,
      ...(deleted > 0 && { skipped: { ...page.skipped, deleted } }),
      failures: [...failures, ...(page.failures ?? [])],
      state: toState(next, since, gone),
      isQuiet: items.length === 0,
      endsTurn: hasMore && lead.isLong,
    };
  }
}

function toState(cursor: string | undefined, since: number, gone: GoneTickets): TicketsState {
  return { ...(cursor !== undefined && { cursor }), since, ...(Object.keys(gone).length > 0 && { gone }) };
}
