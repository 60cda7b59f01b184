import { ConnectorsError, type FailedItem } from "@statewave-connectors/connector-sdk";
import { type Fields, idField, toFields } from "@statewave-connectors/connector-sdk/items";
import { keySetWalk, type KeysetRead, type PartPage, toInstant } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { exportLane, zendesk } from "../client.ts";
import type { ZendeskNames } from "../names/directory.ts";
import { toRawTicket } from "../names/raw-ticket.ts";
import { isGone, recall, type RememberedTicket, unknownTicket } from "../names/ticket-facts.ts";
import type { EventsState } from "./cursor.ts";
import { type OpenedEntry, namesFor, pageOf, ticketsFor } from "./opened-entry.ts";
import { type Export, startTime } from "./export.ts";

const EventsPage = v.looseObject({ ticket_events: v.array(v.unknown()), end_of_stream: v.boolean() });

/** A page of the export has 1,000 events; where one has more, Zendesk added the rest of its last second. */
const mostOnPage = 1_000;
/** So many events of a page are mapped and delivered at once. */
const mostAtOnce = 200;
/** What is older than this when Zendesk answers has come to rest: the export itself holds back a minute. */
const overlapMs = 90_000;

/** The steps in the life of all tickets in the order of time: comments, and each change of a status. */
export async function* eventPages(
  opened: OpenedEntry,
  read: Export,
  from: EventsState,
  signal: AbortSignal,
): AsyncGenerator<PartPage<EventsState>, void, undefined> {
  const { context, lead, range } = read;
  const untilMs = range === undefined ? Infinity : Date.parse(range.until);
  if (Date.parse(from.since ?? "") >= untilMs) return;
  let isEnd = false;
  const walk = keySetWalk<Fields, string>(
    {
      ...zendesk,
      list: "ticket events",
      signal,
      now: () => context.clock.now(),
      // The list has one size of page, and what lies behind its last row is requested from there.
      sizes: [1],
      grainMs: 1,
      rowGrainMs: 1_000,
      overlapMs,
      firstSince: read.firstSince,
      stampOf: (row) => ({ id: idField(row, "id") ?? "", at: timeOf(row) }),
      async fetchPage({ since }) {
        const found = await fetchEvents(opened, read, since, signal);
        isEnd = found.hasMore === false;
        return found;
      },
    },
    from,
  );
  for await (const { rows, failures, state, stateWithin } of walk) {
    const { kept, ticket_gone, unread } = await withTickets(opened, rows, signal);
    const rawTickets = (some: typeof kept, names: ZendeskNames) =>
      some.map(([ticket, row]) => toRawTicket(recall(ticket), row, names));
    const names = await namesFor(opened, (known) => rawTickets(kept, known), signal);
    let at = 0;
    for (; at + mostAtOnce < kept.length; at += mostAtOnce) {
      const done = kept.slice(0, at + mostAtOnce).map(([, row]) => row);
      yield { ...pageOf(rawTickets(kept.slice(at, at + mostAtOnce), names), opened.scope), state: stateWithin(done) };
    }
    const page = pageOf(rawTickets(kept.slice(at), names), opened.scope);
    const reachedMs = Date.parse(state.since ?? "");
    lead.eventsRead(reachedMs);
    yield {
      ...page,
      ...(ticket_gone > 0 && { skipped: { ...page.skipped, ticket_gone } }),
      failures: [...failures, ...unread, ...(page.failures ?? [])],
      state,
      isQuiet: rows.length === 0 && failures.length === 0,
      endsTurn: !isEnd && lead.isShort,
    };
    // Zendesk has said that there is no more: what the walk would request behind it is of the last minute.
    if (isEnd || reachedMs >= untilMs) return;
  }
}

/** Events with their tickets, how many belong to a ticket that is gone, and those whose ticket Zendesk could not answer for. */
async function withTickets(opened: OpenedEntry, rows: readonly Fields[], signal: AbortSignal) {
  const ids = rows.map((row) => idField(row, "ticket_id")).filter((id) => id !== undefined);
  const tickets = await ticketsFor(opened, ids, signal);
  const found = rows.map((row): readonly [RememberedTicket | undefined, Fields] => {
    const id = idField(row, "ticket_id");
    // Without the id of a ticket an event cannot be mapped, and is kept as it is.
    return [id === undefined ? unknownTicket : tickets.ticket(id), row];
  });
  const known = found.flatMap(([ticket, row]): readonly (readonly [RememberedTicket, Fields])[] =>
    ticket === undefined ? [] : [[ticket, row]],
  );
  const kept = known.filter(([ticket]) => !isGone(recall(ticket)));
  const unread = found.flatMap(([ticket, row]) => (ticket === undefined ? [ticketUnread(row)] : []));
  return { kept, ticket_gone: known.length - kept.length, unread };
}

/** Without its raw form, so that a retry of the dead letter fetches the event with its ticket. */
function ticketUnread(row: Fields): FailedItem {
  const ticketId = idField(row, "ticket_id") ?? "";
  const error = new ConnectorsError({
    code: "ZENDESK_TICKET_UNREAD",
    message: `the ticket ${ticketId} of an event could not be looked up`,
    hint: "retry the dead letter: it fetches the event with its ticket",
  });
  return { id: `ticket:${ticketId}:event:${idField(row, "id") ?? ""}`, error };
}

async function fetchEvents(
  { client }: OpenedEntry,
  { context, support_type_scope }: Export,
  since: string | undefined,
  signal: AbortSignal,
): Promise<KeysetRead<Fields>> {
  const fetchFrom = async (seconds: number) => {
    const query = { start_time: startTime(seconds, context), include: "comment_events", support_type_scope };
    const { body, dateMs } = await client.get("incremental/ticket_events.json", {
      query,
      signal,
      schema: EventsPage,
      lane: exportLane,
      about: "the ticket events",
    });
    return { rows: body.ticket_events.map((row) => toFields(row) ?? { row }), hasMore: !body.end_of_stream, dateMs };
  };
  const seconds = since === undefined ? 0 : Math.ceil(Date.parse(since) / 1_000);
  const first = await fetchFrom(seconds);
  const at = toInstant(seconds * 1_000);
  // A row without a time neither ends a second nor leads behind it.
  const times = first.rows.map(timeOf).filter((time) => time !== "");
  if (!first.hasMore || times.length === 0 || times.some((time) => time !== at)) return first;
  // One second fills a page, and no request reaches what a page that is not longer leaves of it.
  const failures = first.rows.length > mostOnPage ? [] : [{ id: `events:${at}`, error: crowdedSecond(at) }];
  const next = await fetchFrom(seconds + 1);
  return { ...next, rows: [...first.rows, ...next.rows], failures };
}

/** An event without a time is known by its form. */
function timeOf({ timestamp }: Fields): string {
  const seconds = typeof timestamp === "string" && /^\d{1,11}$/.test(timestamp) ? Number(timestamp) : timestamp;
  const isTime = typeof seconds === "number" && Number.isSafeInteger(seconds) && seconds >= 0 && seconds < 253_402_300_800;
  return isTime ? toInstant(seconds * 1_000) : "";
}

function crowdedSecond(at: string): ConnectorsError {
  return new ConnectorsError({
    code: "ZENDESK_SECOND_CROWDED",
    message: `a page of the export ends within ${at}, and the rest of that second is out of reach`,
    hint: "discard the dead letter; what is missing are changes of many tickets at once, such as a bulk update",
  });
}
