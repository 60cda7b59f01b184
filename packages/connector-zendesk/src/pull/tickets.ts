import { type Fields, idField, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { isProviderError } from "@statewave-connectors/connector-sdk/http";
import { type CursorRead, cursorPages, type PartPage } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { exportLane, zendesk } from "../client.ts";
import { learnSideloads } from "../names/directory.ts";
import { toRawTicket } from "../names/raw-ticket.ts";
import { isGone, remember, toTicketFacts } from "../names/ticket-facts.ts";
import type { TicketsState } from "./cursor.ts";
import { type OpenedEntry, namesFor, pageOf } from "./opened-entry.ts";
import { type Export, startTime } from "./export.ts";

const TicketsPage = v.looseObject({
  tickets: v.array(v.unknown()),
  after_cursor: v.nullish(v.string()),
  end_of_stream: v.boolean(),
});

interface TicketsRead extends CursorRead<Fields> {
  readonly body: Fields;
}

/** 1,000 is the most that Zendesk gives. */
const sizes = [1_000, 250, 50, 10, 1];
/** A walk that begins again reads so much again. */
const overlapSeconds = 3_600;

/** Reads tickets in the order of their changes: their facts are remembered for their events, and ratings and merges become episodes. */
export async function* ticketPages(
  opened: OpenedEntry,
  { context, support_type_scope, lead }: Export,
  from: TicketsState,
  signal: AbortSignal,
): AsyncGenerator<PartPage<TicketsState>, void, undefined> {
  const { client, directory, scope } = opened;
  let { since } = from;
  const pages = cursorPages<TicketsRead>({
    ...zendesk,
    list: "tickets",
    from: from.cursor,
    signal,
    sizes,
    keyOf: (row) => `${String(row["id"])} ${String(row["generated_timestamp"])} ${String(row["updated_at"])}`,
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
      return { items: tickets.map((row) => toFields(row) ?? { row }), next: after_cursor, hasMore: !end_of_stream, body };
    },
  });
  for await (const { items, failures, next, hasMore, read } of pages) {
    learnSideloads(directory, read.body);
    for (const row of items) learnTicket(opened, row);
    const kept = items.filter((row) => !isGone(row));
    const facts = kept.map(toTicketFacts);
    const names = await namesFor(
      opened,
      (known) => facts.filter(mayReport).map((row) => toRawTicket(row, undefined, known)),
      signal,
    );
    const page = pageOf(
      facts.map((row) => toRawTicket(row, undefined, names)),
      scope,
    );
    since = Math.max(since, ...items.map(changedSeconds));
    lead.ticketsRead(since * 1_000, items.length, hasMore);
    const deleted = items.length - kept.length;
    yield {
      ...page,
      ...(deleted > 0 && { skipped: { ...page.skipped, deleted } }),
      failures: [...failures, ...(page.failures ?? [])],
      state: { cursor: next, since },
      isQuiet: items.length === 0,
      endsTurn: hasMore && lead.isLong,
    };
  }
}

function learnTicket({ directory }: OpenedEntry, row: Fields): void {
  const id = idField(row, "id");
  if (id !== undefined) directory.learn("ticket", id, remember(toTicketFacts(row)));
}

/** Most tickets report nothing of their own: for them no names are looked up. */
function mayReport(facts: Fields): boolean {
  const { tags } = facts;
  const score = stringField(toFields(facts["satisfaction_rating"]), "score") ?? "";
  return score.startsWith("good") || score.startsWith("bad") || (Array.isArray(tags) && tags.includes("closed_by_merge"));
}

/** When Zendesk counts it as changed, epoch seconds. */
function changedSeconds(row: Fields): number {
  const seconds = row["generated_timestamp"];
  return typeof seconds === "number" && Number.isSafeInteger(seconds) ? seconds : 0;
}
