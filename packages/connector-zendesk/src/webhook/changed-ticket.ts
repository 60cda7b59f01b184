import type { Page } from "@statewave-connectors/connector-sdk";
import { toRawTicket } from "../names/raw-ticket.ts";
import { auditPages } from "../pull/audit-pages.ts";
import { type OpenedEntry, namesFor, pageOf } from "../pull/opened-entry.ts";
import { fetchTicket } from "../pull/fetch-raw-ticket.ts";

/** A trigger's webhook says that a ticket changed; what is older was reported by another one. */
const recentMs = 24 * 3_600_000;

/** What happened to a ticket within the last day, read from Zendesk. */
export async function* changedTicketPages(
  opened: OpenedEntry,
  ticketId: string,
  receivedAtMs: number,
  signal: AbortSignal,
): AsyncGenerator<Page, void, undefined> {
  const ticket = await fetchTicket(opened, ticketId, signal);
  if (ticket === undefined) return yield { episodes: [], skipped: { deleted: 1 } };
  yield* auditPages(opened, ticket, { ticketId, sinceMs: receivedAtMs - recentMs }, signal);
  const names = await namesFor(opened, (known) => toRawTicket(ticket, undefined, known), signal);
  yield pageOf([toRawTicket(ticket, undefined, names)], opened.scope);
}
