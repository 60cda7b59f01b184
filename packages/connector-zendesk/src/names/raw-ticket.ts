import { parseItem } from "@statewave-connectors/connector-sdk";
import { type Fields, idField, toFieldsList } from "@statewave-connectors/connector-sdk/items";
import * as v from "valibot";
import { zendesk } from "../client.ts";
import { eventHappenings } from "../episodes/event-happenings.ts";
import { Ticket, TicketEvent } from "../episodes/records.ts";
import { KnownNames, type Story } from "../episodes/story.ts";
import { ticketHappenings } from "../episodes/ticket-happenings.ts";
import type { ZendeskNames } from "./directory.ts";

/** A ticket, or one event of it, with all that its episodes show: what a dead letter keeps, and what is mapped without any request. */
export interface RawTicket {
  readonly ticket: Fields;
  /** Absent: it is about the ticket itself. */
  readonly event?: Fields;
  readonly names: KnownNames;
}

const Read = v.object({ ticket: Ticket, event: v.optional(TicketEvent), names: KnownNames });

/** With the names of all people, the organization and the brand that the episodes show. */
export function toRawTicket(ticket: Fields, event: Fields | undefined, names: ZendeskNames): RawTicket {
  return {
    ticket,
    ...(event !== undefined && { event }),
    names: namesIn(ticket, event === undefined ? [] : peopleIn(event), names),
  };
}

/** Who is named in an event. */
export function peopleIn(event: Fields): readonly string[] {
  const children = toFieldsList(event["child_events"]);
  const people = [idField(event, "updater_id"), ...children.map((child) => idField(child, "author_id"))];
  return [...new Set(people)].filter((id) => id !== undefined);
}

/** The names of a ticket's requester, organization and brand, and of some people. */
export function namesIn(ticket: Fields, people: readonly string[], names: ZendeskNames): KnownNames {
  return {
    users: known([idField(ticket, "requester_id"), ...people], names.user).map(([id, user]) => ({ id, ...user })),
    organizations: known([idField(ticket, "organization_id")], names.organization).map(toNamed),
    brands: known([idField(ticket, "brand_id")], names.brand).map(toNamed),
  };
}

/** Each id once, with what is known of it. */
function known<Value>(ids: readonly (string | undefined)[], find: (id: string) => Value | undefined) {
  return [...new Set(ids)].flatMap((id): readonly (readonly [string, Value])[] => {
    const value = id === undefined ? undefined : find(id);
    return id === undefined || value === undefined ? [] : [[id, value]];
  });
}

const toNamed = ([id, name]: readonly [string, string]) => ({ id, name });

/** Throws `ZENDESK_ITEM_UNMAPPABLE` for anything that is no raw form of a sound ticket or event. */
export function storyOf(raw: unknown): Story {
  const item = typeof raw === "object" && raw !== null && "event" in raw ? "ticket event" : "ticket";
  const { ticket, event, names } = parseItem(Read, raw, { ...zendesk, item });
  return { ticket, names, happenings: event === undefined ? ticketHappenings(ticket) : eventHappenings(event, ticket) };
}
