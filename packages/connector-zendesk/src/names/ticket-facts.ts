import { type Fields, toFields } from "@statewave-connectors/connector-sdk/items";
import { beginningOf } from "../episodes/event-happenings.ts";

/** What is remembered of a ticket, unchecked: its events lack all of it. */
export type TicketFacts = Fields;

/** Facts as they are remembered: as one text, which takes half the memory of their fields. */
export type RememberedTicket = string;

const copied = [
  "id",
  "subject",
  "status",
  "requester_id",
  "organization_id",
  "brand_id",
  "tags",
  "created_at",
  "updated_at",
  "satisfaction_rating",
] as const;

const remembered = [...copied, "is_follow_up", "description"] as const;

/** Stands for a ticket that Zendesk does not have any more. */
const goneTicket = remember({ status: "deleted" });
/** Stands for a ticket of which not even the id is known. */
export const unknownTicket: RememberedTicket = remember({});

/** The facts of some tickets, with what stands for those that Zendesk leaves out of its answer. */
export function factsOrGone(ids: readonly string[], rows: ReadonlyMap<string, Fields>): ReadonlyMap<string, RememberedTicket> {
  return new Map(
    ids.map((id) => {
      const row = rows.get(id);
      return [id, row === undefined ? goneTicket : remember(toTicketFacts(row))];
    }),
  );
}

export function remember(facts: TicketFacts): RememberedTicket {
  return JSON.stringify(remembered.map((name) => facts[name] ?? null));
}

/** The facts as they were; those without a value are absent. */
export function recall(ticket: RememberedTicket): TicketFacts {
  const values = JSON.parse(ticket) as readonly unknown[];
  return Object.fromEntries(remembered.flatMap((name, at) => (values[at] === null ? [] : [[name, values[at]]])));
}

export function isGone({ status }: TicketFacts): boolean {
  return status === "deleted";
}

/** Of the description only what it is recognised by: thousands of tickets are remembered. */
export function toTicketFacts(row: Fields): TicketFacts {
  const { description } = row;
  return {
    ...Object.fromEntries(copied.map((name) => [name, row[name]])),
    ...(isFollowUp(row) && { is_follow_up: true }),
    description: typeof description === "string" ? beginningOf(description.slice(0, 1_000)) : description,
  };
}

/** Whether a ticket was opened by an answer to a closed one. */
function isFollowUp({ via }: Fields): boolean {
  return toFields(toFields(via)?.["source"])?.["rel"] === "follow_up";
}
