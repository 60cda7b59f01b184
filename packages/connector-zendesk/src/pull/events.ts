import { ConnectorsError } from "@statewave-connectors/connector-sdk";
import { type Fields, toFields } from "@statewave-connectors/connector-sdk/items";
import { keySetWalk, type KeysetRead, type PartPage, toInstant } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { exportLane, zendesk } from "../client.ts";
import type { Names } from "../names/directory.ts";
import { dossierOf } from "../names/dossier.ts";
import { idIn } from "../names/ids.ts";
import type { EventsState } from "./cursor.ts";
import { type Desk, namesFor, pageOf, ticketsFor } from "./desk.ts";
import { type Export, startTime } from "./export.ts";

const EventsPage = v.looseObject({ ticket_events: v.array(v.unknown()), end_of_stream: v.boolean() });

/** What is older than this when Zendesk answers has come to rest: the export itself holds back a minute. */
const overlapMs = 90_000;

/** The steps in the life of all tickets in the order of time: comments, and each change of a status. */
export async function* eventPages(
  desk: Desk,
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
      stampOf: (row) => ({ id: idIn(row, "id") ?? "", at: timeOf(row) }),
      async fetchPage({ since }) {
        const found = await fetchEvents(desk, read, since, signal);
        isEnd = found.hasMore === false;
        return found;
      },
    },
    from,
  );
  for await (const { rows, failures, state } of walk) {
    const ids = rows.map((row) => idIn(row, "ticket_id"));
    const tickets = await ticketsFor(
      desk,
      ids.filter((id) => id !== undefined),
      signal,
    );
    // Without the id of a ticket an event cannot be mapped, and is kept as it is.
    const kept = rows.flatMap((row, at): readonly (readonly [Fields, Fields])[] => {
      const id = ids[at];
      const ticket = id === undefined ? {} : tickets.ticket(id);
      return ticket === undefined ? [] : [[ticket, row]];
    });
    const dossiers = (names: Names) => kept.map(([ticket, row]) => dossierOf(ticket, row, names));
    const page = pageOf(dossiers(await namesFor(desk, dossiers, signal)), desk.scope);
    const ticket_gone = rows.length - kept.length;
    const reachedMs = Date.parse(state.since ?? "");
    lead.eventsRead(reachedMs);
    yield {
      ...page,
      ...(ticket_gone > 0 && { skipped: { ...page.skipped, ticket_gone } }),
      failures: [...failures, ...(page.failures ?? [])],
      state,
      isQuiet: rows.length === 0 && failures.length === 0,
      endsTurn: !isEnd && lead.isShort,
    };
    // Zendesk has said that there is no more: what the walk would request behind it is of the last minute.
    if (isEnd || reachedMs >= untilMs) return;
  }
}

async function fetchEvents(
  { client }: Desk,
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
  if (!first.hasMore || first.rows.length === 0 || first.rows.some((row) => timeOf(row) !== at)) return first;
  // One second fills a page, and no request reaches what the page leaves of it.
  const next = await fetchFrom(seconds + 1);
  return { ...next, rows: [...first.rows, ...next.rows], failures: [{ id: `events:${at}`, error: crowdedSecond(at) }] };
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
