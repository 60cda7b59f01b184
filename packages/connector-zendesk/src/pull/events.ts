import { ConnectorsError, type FailedItem } from "@statewave-connectors/connector-sdk";
import { keySetWalk, type PartPage } from "@statewave-connectors/connector-sdk/paging";
import { zendesk } from "../client.ts";
import type { ZendeskNames } from "../names/directory.ts";
import { toRawTicket, namesIn } from "../names/raw-ticket.ts";
import { isGone, recall, type RememberedTicket, unknownTicket } from "../names/ticket-facts.ts";
import type { EventsState } from "./cursor.ts";
import { type OpenedEntry, namesFor, pageOf, ticketsFor } from "./opened-entry.ts";
import type { Export } from "./export.ts";
import { eventSizes, fetchEvents } from "./fetch-events.ts";
import { type ReadEvent, toRow } from "./read-event.ts";
import { eventId, type EventOfTicket, withComments } from "./with-comments.ts";

/** So many events of a page are mapped and delivered at once. */
const mostAtOnce = 200;
/** The same where each comment takes a request: the least plan allows 200 in a minute. */
const mostFetchedAtOnce = 50;
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
  const walk = keySetWalk<ReadEvent, string>(
    {
      ...zendesk,
      list: "ticket events",
      signal,
      now: () => context.clock.now(),
      // Zendesk names no next page: what lies behind the last row is requested from there.
      sizes: eventSizes,
      grainMs: 1,
      rowGrainMs: 1_000,
      overlapMs,
      firstSince: read.firstSince,
      stampOf: ({ id = "", at }) => ({ id, at }),
      async fetchPage({ since }, size) {
        const found = await fetchEvents(opened, read, { since, size }, signal);
        isEnd = found.hasMore === false;
        return found;
      },
    },
    from,
  );
  for await (const { rows, failures, state, stateWithin } of walk) {
    const { kept, ticket_gone, unread } = await withTickets(opened, rows, signal);
    // Those of the whole page at once take the fewest requests.
    const names = await namesOf(opened, kept, signal);
    const atOnce = kept.some(lacksComments) ? mostFetchedAtOnce : mostAtOnce;
    let at = 0;
    for (; at + atOnce < kept.length; at += atOnce) {
      const done = kept.slice(0, at + atOnce).map(([, event]) => event);
      yield { ...(await pageOfEvents(opened, kept.slice(at, at + atOnce), names, signal)), state: stateWithin(done) };
    }
    const page = await pageOfEvents(opened, kept.slice(at), names, signal);
    const reachedMs = Date.parse(state.since ?? "");
    lead.eventsRead(reachedMs);
    yield {
      ...page,
      ...(ticket_gone > 0 && { skipped: { ...page.skipped, ticket_gone } }),
      failures: [...failures, ...unread, ...(page.failures ?? [])],
      state,
      progress: { ...(state.since !== undefined && { readTo: state.since }) },
      isQuiet: rows.length === 0 && failures.length === 0,
      endsTurn: !isEnd && lead.isShort,
    };
    // Zendesk has said that there is no more: what the walk would request behind it is of the last minute.
    if (isEnd || reachedMs >= untilMs) return;
  }
}

async function pageOfEvents(opened: OpenedEntry, some: readonly EventOfTicket[], names: ZendeskNames, signal: AbortSignal) {
  if (!some.some(lacksComments)) return pageOf(rawTicketsOf(some, names), opened.scope);
  const { events, failures } = await withComments(opened, some, signal);
  // The authors of comments are known only now.
  const page = pageOf(rawTicketsOf(events, await namesOf(opened, events, signal)), opened.scope);
  return { ...page, failures: [...failures, ...(page.failures ?? [])] };
}

function lacksComments([, event]: EventOfTicket): boolean {
  return event.lacksComments;
}

function namesOf(opened: OpenedEntry, events: readonly EventOfTicket[], signal: AbortSignal): Promise<ZendeskNames> {
  // Reading a name requests it.
  return namesFor(opened, (known) => events.map(([ticket, { people }]) => namesIn(recall(ticket), people, known)).length, signal);
}

function rawTicketsOf(events: readonly EventOfTicket[], names: ZendeskNames) {
  return events.map(([ticket, event]) => toRawTicket(recall(ticket), toRow(event), names));
}

/** Events with their tickets, how many belong to a ticket that is gone, and those whose ticket Zendesk could not answer for. */
async function withTickets(opened: OpenedEntry, events: readonly ReadEvent[], signal: AbortSignal) {
  const ids = events.map(({ ticketId }) => ticketId).filter((id) => id !== undefined);
  const tickets = await ticketsFor(opened, ids, signal);
  const found = events.map((event): readonly [RememberedTicket | undefined, ReadEvent] => {
    const { ticketId } = event;
    // Without the id of a ticket an event cannot be mapped, and is kept as it is.
    return [ticketId === undefined ? unknownTicket : tickets.ticket(ticketId), event];
  });
  const known = found.flatMap(([ticket, event]): readonly EventOfTicket[] => (ticket === undefined ? [] : [[ticket, event]]));
  const kept = known.filter(([ticket]) => !isGone(recall(ticket)));
  const unread = found.flatMap(([ticket, event]) => (ticket === undefined ? [ticketUnread(event)] : []));
  return { kept, ticket_gone: known.length - kept.length, unread };
}

/** Without its raw form, so that a retry of the dead letter fetches the event with its ticket. */
function ticketUnread(event: ReadEvent): FailedItem {
  const error = new ConnectorsError({
    code: "ZENDESK_TICKET_UNREAD",
    message: `the ticket ${event.ticketId ?? ""} of an event could not be looked up`,
    hint: "retry the dead letter: it fetches the event with its ticket",
  });
  return { id: eventId(event), error };
}
