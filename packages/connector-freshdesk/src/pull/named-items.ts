import { type Fields, idField, toFields, withoutUndefined } from "@statewave-connectors/connector-sdk/items";
import { ownStatuses } from "../items.ts";
import { briefOf } from "../rows.ts";
import type { KnownNames } from "./directory.ts";

/** An item before its names are known. */
export type UnnamedItem =
  | { readonly of: "ticket"; readonly ticket: Fields }
  | { readonly of: "conversation"; readonly ticket: Fields; readonly conversation: unknown }
  | { readonly of: "rating"; readonly rating: unknown };

/** An item as it is mapped and as a dead letter keeps it, with the names that its episodes show. */
export function namedItem(item: UnnamedItem, known: KnownNames): Fields {
  switch (item.of) {
    case "ticket": {
      const { ticket } = item;
      return { of: item.of, ticket, names: { ...ticketNames(ticket, known), ...transitionNames(ticket, known) } };
    }
    case "conversation": {
      const { ticket, conversation } = item;
      const names = { ...ticketNames(ticket, known), ...authorNames(ticket, toFields(conversation), known) };
      return { of: item.of, ticket: briefOf(ticket), conversation, names };
    }
    case "rating": {
      const rating = toFields(item.rating);
      const ticketId = idField(rating, "ticket_id");
      const ticket = ticketId === undefined ? undefined : known.ticket(ticketId);
      const about = ticket ?? { requester_id: rating?.["user_id"] };
      return { of: item.of, ticket, rating: item.rating, names: ticketNames(about, known) };
    }
  }
}

/** The id of an item for people and for `fetchItem`. */
export function itemId(item: UnnamedItem): string {
  if (item.of === "rating") {
    const rating = toFields(item.rating);
    return pathOf("tickets", idField(rating, "ticket_id"), "ratings", idField(rating, "id"));
  }
  const ticketId = idField(item.ticket, "id");
  return item.of === "ticket"
    ? pathOf("tickets", ticketId)
    : pathOf("tickets", ticketId, "conversations", idField(toFields(item.conversation), "id"));
}

/** Empty where an id is missing: then one is made from the raw item. */
function pathOf(...parts: readonly (string | undefined)[]): string {
  return parts.includes(undefined) ? "" : parts.join("/");
}

function ticketNames(ticket: Fields, known: KnownNames): Fields {
  const requesterId = idField(ticket, "requester_id");
  const companyId = idField(ticket, "company_id");
  const isNamed = toFields(ticket["requester"])?.["name"] !== undefined;
  return withoutUndefined({
    requester: isNamed || requesterId === undefined ? undefined : known.contact(requesterId),
    company: companyId === undefined ? undefined : known.company(companyId),
  });
}

function transitionNames(ticket: Fields, known: KnownNames): Fields {
  const agentId = idField(ticket, "responder_id");
  const status = idField(ticket, "status");
  return withoutUndefined({
    agent: agentId === undefined ? undefined : known.agent(agentId),
    status: status === undefined || ownStatuses.has(status) ? undefined : known.status(status),
  });
}

function authorNames(ticket: Fields, conversation: Fields | undefined, known: KnownNames): Fields {
  const userId = idField(conversation, "user_id");
  if (userId === undefined) return {};
  if (conversation?.["incoming"] !== true) return withoutUndefined({ author: known.agent(userId) });
  return userId === idField(ticket, "requester_id") ? {} : withoutUndefined({ author: known.contact(userId) });
}
