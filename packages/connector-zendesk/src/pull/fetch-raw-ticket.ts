import { isProviderError, path } from "@statewave-connectors/connector-sdk/http";
import { type Fields, stringField, toFields, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import { learnSideloads } from "../names/directory.ts";
import { type RawTicket, toRawTicket } from "../names/raw-ticket.ts";
import { toTicketFacts } from "../names/ticket-facts.ts";
import { type OpenedEntry, namesFor } from "./opened-entry.ts";

/** `ticket:7`, or `ticket:7:event:42`. */
const rawTicketIdPattern = /^ticket:(\d{1,25})(?::event:(\d{1,25}))?$/;

/** A ticket, or an event of one, fetched by its id; undefined: Zendesk does not have it any more. */
export async function fetchRawTicket(opened: OpenedEntry, id: string, signal: AbortSignal): Promise<RawTicket | undefined> {
  const [, ticketId, eventId] = rawTicketIdPattern.exec(id) ?? [];
  if (ticketId === undefined) return undefined;
  const ticket = await fetchTicket(opened, ticketId, signal);
  if (ticket === undefined) return undefined;
  const event = eventId === undefined ? undefined : await fetchEvent(opened, ticketId, eventId, signal);
  if (eventId !== undefined && event === undefined) return undefined;
  const names = await namesFor(opened, (known) => toRawTicket(ticket, event, known), signal);
  return toRawTicket(ticket, event, names);
}

/** Undefined: it was deleted. */
export async function fetchTicket(
  { client, directory }: OpenedEntry,
  id: string,
  signal: AbortSignal,
): Promise<Fields | undefined> {
  const query = { include: "users,organizations" };
  const answer = await found(client.get(path`tickets/${id}.json`, { query, signal, about: `the ticket ${id}` }));
  if (answer === undefined) return undefined;
  learnSideloads(directory, answer);
  const ticket = toFields(answer["ticket"]);
  return ticket === undefined || ticket["status"] === "deleted" ? undefined : toTicketFacts(ticket);
}

/** An event of a ticket with all its words, as the audit that it is; undefined: Zendesk does not have it any more. */
export async function fetchEvent(
  { client }: Pick<OpenedEntry, "client">,
  ticketId: string,
  eventId: string,
  signal: AbortSignal,
): Promise<Fields | undefined> {
  const about = `the ticket ${ticketId}`;
  const answer = await found(client.get(path`tickets/${ticketId}/audits/${eventId}.json`, { signal, about }));
  return answer && toTicketEvent(toFields(answer["audit"]) ?? {});
}

/** Undefined: Zendesk has it no more. */
async function found(request: Promise<{ readonly body: unknown }>): Promise<Fields | undefined> {
  try {
    return toFields((await request).body) ?? {};
  } catch (error) {
    if (isProviderError(error, "not_found")) return undefined;
    throw error;
  }
}

/** An audit is a ticket event in other words. */
export function toTicketEvent(audit: Fields): Fields {
  const at = Date.parse(stringField(audit, "created_at") ?? "");
  return {
    id: audit["id"],
    ticket_id: audit["ticket_id"],
    timestamp: Number.isNaN(at) ? audit["created_at"] : Math.floor(at / 1_000),
    updater_id: audit["author_id"],
    child_events: toFieldsList(audit["events"]).map((event) => ({ ...event, event_type: event["type"], ...changeIn(event) })),
  };
}

/** `{ field_name: "status", value: "solved" }` is `{ status: "solved" }`. */
function changeIn(event: Fields): Fields {
  const field = stringField(event, "field_name");
  return field === undefined ? {} : { [field]: event["value"] };
}
