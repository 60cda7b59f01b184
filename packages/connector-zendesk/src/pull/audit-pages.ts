import type { Page } from "@statewave-connectors/connector-sdk";
import { isProviderError, path } from "@statewave-connectors/connector-sdk/http";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { cursorPages } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { zendesk } from "../client.ts";
import { behindPage, CursorMeta } from "../names/cursor-meta.ts";
import type { ZendeskNames } from "../names/directory.ts";
import { toRawTicket } from "../names/raw-ticket.ts";
import type { TicketFacts } from "../names/ticket-facts.ts";
import { type OpenedEntry, namesFor, pageOf } from "./opened-entry.ts";
import { toTicketEvent } from "./fetch-raw-ticket.ts";

const AuditsPage = v.looseObject({ audits: v.array(v.unknown()), ...CursorMeta.entries });

/** What happened to one ticket from a moment on, read from its audits. Nothing, where the ticket is gone. */
export async function* auditPages(
  opened: OpenedEntry,
  ticket: TicketFacts,
  { ticketId, sinceMs }: { readonly ticketId: string; readonly sinceMs: number },
  signal: AbortSignal,
): AsyncGenerator<Omit<Page, "cursor">, void, undefined> {
  const about = `the ticket ${ticketId}`;
  const pages = cursorPages({
    ...zendesk,
    list: `audits of ${about}`,
    signal,
    async fetchPage(after, size) {
      const query = { "page[size]": size, "page[after]": after };
      const answer = opened.client.get(path`tickets/${ticketId}/audits.json`, { query, signal, schema: AuditsPage, about });
      const { body } = await answer;
      return { items: body.audits.map((row) => toFields(row) ?? { row }), ...behindPage(body) };
    },
  });
  const isWanted = (audit: Fields) => !(Date.parse(stringField(audit, "created_at") ?? "") < sinceMs);
  const rawTickets = (events: readonly Fields[], names: ZendeskNames) => events.map((event) => toRawTicket(ticket, event, names));
  try {
    for await (const { items, failures } of pages) {
      const events = items.filter(isWanted).map(toTicketEvent);
      const names = await namesFor(opened, (known) => rawTickets(events, known), signal);
      const page = pageOf(rawTickets(events, names), opened.scope);
      yield { ...page, failures: [...failures, ...(page.failures ?? [])] };
    }
  } catch (error) {
    if (!isProviderError(error, "not_found")) throw error;
  }
}
