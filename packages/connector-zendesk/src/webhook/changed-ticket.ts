import type { Page } from "@statewave-connectors/connector-sdk";
import { path } from "@statewave-connectors/connector-sdk/http";
import { type Fields, stringField, toFields } from "@statewave-connectors/connector-sdk/items";
import { cursorPages } from "@statewave-connectors/connector-sdk/paging";
import * as v from "valibot";
import { zendesk } from "../client.ts";
import { toRawTicket } from "../names/raw-ticket.ts";
import { type OpenedEntry, namesFor, pageOf } from "../pull/opened-entry.ts";
import { fetchTicket, toTicketEvent } from "../pull/fetch-raw-ticket.ts";

const AuditsPage = v.looseObject({
  audits: v.array(v.unknown()),
  meta: v.looseObject({ has_more: v.boolean(), after_cursor: v.nullish(v.string()) }),
});

/** A trigger's webhook says that a ticket changed; what is older was reported by another one. */
const recentMs = 24 * 3_600_000;

/** What happened to a ticket within the last day, read from Zendesk. */
export async function* changedTicketPages(
  opened: OpenedEntry,
  ticketId: string,
  receivedAtMs: number,
  signal: AbortSignal,
): AsyncGenerator<Page, void, undefined> {
  const { client, scope } = opened;
  const ticket = await fetchTicket(opened, ticketId, signal);
  if (ticket === undefined) return yield { episodes: [], skipped: { deleted: 1 } };
  const about = `the ticket ${ticketId}`;
  const pages = cursorPages({
    ...zendesk,
    list: `audits of ${about}`,
    signal,
    async fetchPage(after, size) {
      const query = { "page[size]": size, "page[after]": after };
      const { body } = await client.get(path`tickets/${ticketId}/audits.json`, { query, signal, schema: AuditsPage, about });
      const { audits, meta } = body;
      return { items: audits.map((row) => toFields(row) ?? { row }), next: meta.after_cursor, hasMore: meta.has_more };
    },
  });
  const isRecent = (audit: Fields) => !(Date.parse(stringField(audit, "created_at") ?? "") < receivedAtMs - recentMs);
  const rawTickets = (events: readonly Fields[], names: Parameters<typeof toRawTicket>[2]) =>
    events.map((event) => toRawTicket(ticket, event, names));
  for await (const { items, failures } of pages) {
    const events = items.filter(isRecent).map(toTicketEvent);
    const names = await namesFor(opened, (known) => rawTickets(events, known), signal);
    const page = pageOf(rawTickets(events, names), scope);
    yield { ...page, failures: [...failures, ...(page.failures ?? [])] };
  }
  const names = await namesFor(opened, (known) => toRawTicket(ticket, undefined, known), signal);
  yield pageOf([toRawTicket(ticket, undefined, names)], scope);
}
